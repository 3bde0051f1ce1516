// dist/manifest.json lists what a release consists of. It is read, changed and written back,
// so two steps that do this at once would lose an entry: that is why SPEC.md gives them a lock.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const path = "dist/manifest.json";

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Writes a file of the release and its entry. */
export function release(name, content) {
  mkdirSync("dist", { recursive: true });
  writeFileSync(`dist/${name}`, content);
  const manifest = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { files: {} };
  manifest.files[name] = { bytes: Buffer.byteLength(content), sha256: sha256(content) };
  manifest.files = Object.fromEntries(Object.entries(manifest.files).sort(([a], [b]) => (a < b ? -1 : 1)));

  // Renaming replaces the old list in one go: a step that is killed here leaves the old one or the new one, never half of one.
  mkdirSync("build", { recursive: true });
  writeFileSync("build/manifest.json.new", `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync("build/manifest.json.new", path);
  console.log(`dist/${name}: ${Buffer.byteLength(content)} bytes`);
}
