import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { didYouMean, distance } from "../dist/textkit.mjs";
import { random } from "./random.mjs";

const { words } = JSON.parse(readFileSync("build/words.json", "utf8"));

test("120,000 random pairs: symmetric, zero only for equals, and never a shortcut over a third word", () => {
  const { text } = random(3);
  for (let i = 0; i < 120_000; i++) {
    const [a, b, c] = [text("abc", 10), text("abc", 10), text("abc", 10)];
    const direct = distance(a, b);
    assert.equal(direct, distance(b, a));
    assert.equal(direct === 0, a === b);
    assert.ok(direct <= distance(a, c) + distance(c, b), `${a} ${b} ${c}`);
  }
});

test("every word of the list is found again when two of its letters are swapped or one is doubled", () => {
  for (const word of words.filter((known) => known.length >= 6)) {
    const mistakes = [`${word.slice(0, 2)}${word[3]}${word[2]}${word.slice(4)}`, `${word.slice(0, 3)}${word.slice(2)}`];
    for (const mistake of mistakes) assert.ok(distance(mistake, didYouMean(mistake, words)) <= distance(mistake, word), mistake);
  }
});
