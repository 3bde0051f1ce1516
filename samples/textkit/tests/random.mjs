// Random values that are the same in every run (mulberry32), so that a failure can be looked at again.
export function random(seed) {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  const text = (alphabet, longest) => Array.from({ length: below(longest + 1) }, () => alphabet[below(alphabet.length)]).join("");
  return { below, text };
}
