// One heading of the first level on each page, and the same title in its head.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pages } from "./site.mjs";

const problems = pages().filter(page => {
  const text = readFileSync(join("public", page), "utf8");
  const headings = [...text.matchAll(/<h1>(.*?)<\/h1>/g)].map(match => match[1]);
  return headings.length !== 1 || /<title>(.*?)<\/title>/.exec(text)?.[1] !== headings[0];
});
writeFileSync("build/headings.json", `${JSON.stringify({ pages: pages().length, problems: problems.length, list: problems }, null, 2)}\n`);
for (const page of problems) console.error(`${page}: one heading of the first level is wanted, the same as its title.`);
process.exitCode = problems.length > 0 ? 1 : 0;
