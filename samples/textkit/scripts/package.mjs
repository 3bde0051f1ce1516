// Packs the release. With a folder as argument it packs there instead, to compare.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { pack } from "./tar.mjs";

const folder = process.argv[2] ?? "dist";
const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
const files = ["package.json", "README.md", "docs/api.md", "dist/manifest.json", "dist/textkit.d.mts", "dist/textkit.min.mjs", "dist/textkit.mjs"];
const archive = gzipSync(pack(files.map((file) => [`${name}/${file.replace(/^dist\//, "")}`, readFileSync(file)])), { level: 9 });
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/${name}-${version}.tgz`, archive);
console.log(`${folder}/${name}-${version}.tgz: ${files.length} files, ${archive.length} bytes`);
