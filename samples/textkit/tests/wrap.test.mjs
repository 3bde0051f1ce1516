import assert from "node:assert/strict";
import { test } from "node:test";
import { wrap } from "../dist/textkit.mjs";
import { random } from "./random.mjs";

test("a word that is too long stays whole", () => assert.deepEqual(wrap("an extraordinary day", 5), ["an", "extraordinary", "day"]));

test("nothing gives no lines", () => assert.deepEqual(wrap(" \n ", 10), []));

test("100,000 random texts keep their words, and no line could take the next word", () => {
  const { text, below } = random(2);
  for (let i = 0; i < 100_000; i++) {
    const input = text([..."abcdef   \n"], 120);
    const width = 1 + below(30);
    const lines = wrap(input, width);
    assert.deepEqual(lines.join(" ").split(" "), input.trim().split(/\s+/));
    for (const [at, line] of lines.entries()) {
      assert.ok(line.length <= width || !line.includes(" "));
      if (at > 0) assert.ok(lines[at - 1].length + 1 + line.split(" ")[0].length > width);
    }
  }
});
