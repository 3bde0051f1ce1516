// Looks at the release as somebody who downloads it: checksums, contents, and does it run?
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { sha256 } from "./manifest.mjs";
import { unpack } from "./tar.mjs";

const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
const sums = readFileSync("dist/SHA256SUMS", "utf8").trim().split("\n").map((line) => line.split("  "));
for (const [sum, file] of sums) assert.equal(sha256(readFileSync(`dist/${file}`)), sum, `dist/${file} is not what its checksum says.`);

const folder = mkdtempSync(join(tmpdir(), "textkit-"));
try {
  const files = unpack(gunzipSync(readFileSync(`dist/${name}-${version}.tgz`)));
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }

  const manifest = JSON.parse(readFileSync(join(folder, name, "manifest.json"), "utf8"));
  for (const [file, { sha256: sum }] of Object.entries(manifest.files)) assert.equal(sha256(readFileSync(join(folder, name, file))), sum, file);

  const { slugify } = await import(pathToFileURL(join(folder, name, "textkit.min.mjs")));
  assert.equal(slugify("Done & verified"), "done-verified");
  writeFileSync("build/release.json", `${JSON.stringify({ version, checksums: sums.length, files: files.length, verified: true })}\n`);
  console.log(`${name} ${version}: ${sums.length} checksums and ${files.length} files are right, and it runs.`);
} finally {
  rmSync(folder, { recursive: true });
}
