// Writes dist/SHA256SUMS over everything that is released, as sha256sum does.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { sha256 } from "./manifest.mjs";

const names = readdirSync("dist").filter((name) => name !== "SHA256SUMS").sort();
writeFileSync("dist/SHA256SUMS", names.map((name) => `${sha256(readFileSync(`dist/${name}`))}  ${name}\n`).join(""));
console.log(`${names.length} checksums written.`);
