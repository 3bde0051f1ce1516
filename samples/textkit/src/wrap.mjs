/**
 * Breaks a text into lines of at most so many characters. A word that is longer stays whole on a line of its own.
 *
 * @param {string} text Words between white space.
 * @param {number} width The most characters of a line, at least 1.
 * @returns {string[]} The lines, without trailing blanks.
 * @example
 * wrap("a rolling frontier never waits", 10) // => ["a rolling", "frontier", "never", "waits"]
 */
export function wrap(text, width) {
  const lines = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
