import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCsv, parseCsv } from "../dist/textkit.mjs";
import { random } from "./random.mjs";

test("empty fields, CRLF and a last record without an end", () => {
  assert.deepEqual(parseCsv('a,,"b\r\nc"\r\n,'), [["a", "", "b\r\nc"], ["", ""]]);
  assert.deepEqual(parseCsv(""), []);
});

test("a quote in the middle of a field is refused, with its place", () => assert.throws(() => parseCsv('ab"c'), /Character 1 /));

test("60,000 random tables come back as they were", () => {
  const { text, below } = random(4);
  for (let i = 0; i < 60_000; i++) {
    const table = Array.from({ length: 1 + below(5) }, () => Array.from({ length: 1 + below(5) }, () => text('ab",\n ', 12)));
    assert.deepEqual(parseCsv(formatCsv(table)), table);
  }
});
