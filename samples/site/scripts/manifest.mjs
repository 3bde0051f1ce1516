// Every file of the manifest is there as it was written, and there is no other.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const manifest = JSON.parse(readFileSync("build/manifest.json", "utf8"));
const there = readdirSync("public", { recursive: true }).map(String).filter(name => statSync(join("public", name)).isFile());
const missing = Object.keys(manifest).filter(name => !there.includes(name) || createHash("sha256").update(readFileSync(join("public", name))).digest("hex") !== manifest[name]);
const unknown = there.filter(name => !(name in manifest));
writeFileSync("build/verified.json", `${JSON.stringify({ files: there.length, missing: missing.length, unknown: unknown.length }, null, 2)}\n`);
for (const name of [...missing, ...unknown]) console.error(`${name} is not what the manifest says.`);
process.exitCode = missing.length + unknown.length > 0 ? 1 : 0;
