// No page above 4 kB when packed, no search index above 8.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pages } from "./site.mjs";

const limits = [...pages().map(name => [name, 4096]), ["search.json", 8192], ["style.css", 1024]];
const weights = limits.map(([name, most]) => ({ name, most, bytes: gzipSync(readFileSync(join("public", name))).length }));
const tooHeavy = weights.filter(file => file.bytes > file.most);
writeFileSync("build/weight.json", `${JSON.stringify({ tooHeavy: tooHeavy.length, weights }, null, 2)}\n`);
for (const file of tooHeavy) console.error(`${file.name} has ${file.bytes} bytes, and ${file.most} is the most.`);
process.exitCode = tooHeavy.length > 0 ? 1 : 0;
