import assert from "node:assert/strict";
import { test } from "node:test";
import { slugify } from "../dist/textkit.mjs";
import { random } from "./random.mjs";

test("accents, case and punctuation go", () => {
  assert.equal(slugify("  Ångström & Co. (2nd)"), "angstrom-co-2nd");
  assert.equal(slugify("!?"), "");
});

test("200,000 random titles give clean slugs that do not change again", () => {
  const { text } = random(1);
  for (let i = 0; i < 200_000; i++) {
    const title = text([..."aZ9 -_.éßÅ😀\n漢ñ/"], 30);
    const slug = slugify(title);
    assert.match(slug, /^(?:[a-z0-9]+(?:-[a-z0-9]+)*)?$/, JSON.stringify(title));
    assert.equal(slugify(slug), slug);
  }
});
