/**
 * Counts the letters to insert, delete or replace to make one word of the other (Levenshtein, 1965).
 *
 * @param {string} left The one word.
 * @param {string} right The other word.
 * @returns {number} 0 when they are equal.
 * @example
 * distance("kitten", "sitting") // => 3
 */
export function distance(left, right) {
  let above = Array.from({ length: right.length + 1 }, (_, j) => j);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = above[j - 1] + (left[i - 1] === right[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j] + 1, row[j - 1] + 1));
    }
    above = row;
  }
  return above[right.length];
}

/**
 * Guesses the known word that a misspelt one was meant to be.
 *
 * @param {string} word What somebody wrote.
 * @param {string[]} known The words to choose from.
 * @returns {string | undefined} The nearest one within a third of the word's length; the first of equals.
 * @example
 * didYouMean("comit", ["push", "commit", "clone"]) // => "commit"
 */
export function didYouMean(word, known) {
  let nearest;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const edits = distance(word, candidate);
    if (edits < least) [nearest, least] = [candidate, edits];
  }
  return nearest;
}
