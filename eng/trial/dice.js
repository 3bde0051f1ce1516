'use strict';

/** A generator of numbers in [0, 1) that gives the same row for the same seed (mulberry32 by Tommy Ettinger, public domain). */
exports.dice = seed => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
