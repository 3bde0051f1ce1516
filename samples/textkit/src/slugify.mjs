/**
 * Turns a title into a part of an address: lower case, ASCII letters and digits, single hyphens.
 *
 * @param {string} title Any text.
 * @returns {string} The slug; empty when the title has no letter or digit.
 * @example
 * slugify("Crème brûlée, für zwei!") // => "creme-brulee-fur-zwei"
 */
export function slugify(title) {
  return title
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
