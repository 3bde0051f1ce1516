// Parses every module, test and script without running it, and refuses tabs and trailing blanks.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

const files = ["src", "tests", "scripts"].flatMap((folder) => readdirSync(folder).sort().map((name) => `${folder}/${name}`));
for (const file of files) {
  execFileSync(process.execPath, ["--check", file], { stdio: "inherit" });
  const line = readFileSync(file, "utf8").split("\n").findIndex((text) => /\t|\s$/.test(text));
  if (line >= 0) throw new Error(`${file}:${line + 1} has a tab or a trailing blank.`);
}
mkdirSync("build", { recursive: true });
writeFileSync("build/syntax.json", `${JSON.stringify({ files: files.length, problems: 0 })}\n`);
console.log(`${files.length} files are well-formed.`);
