// Runs every example of the documentation against the bundle: an example that lies is worse than none.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { functions } from "./sources.mjs";

const textkit = await import(pathToFileURL("dist/textkit.mjs"));
const evaluate = (code) => new Function(...Object.keys(textkit), `return (${code});`)(...Object.values(textkit));
const examples = functions().flatMap(({ examples }) => examples);
for (const { code, result } of examples) assert.deepEqual(evaluate(code), evaluate(result), code);
mkdirSync("build", { recursive: true });
writeFileSync("build/examples.json", `${JSON.stringify({ examples: examples.length, wrong: 0 })}\n`);
console.log(`${examples.length} examples are true.`);
