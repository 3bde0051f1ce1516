// Every link of every page must lead to a file of the site.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pages } from "./site.mjs";

const broken = [];
let links = 0;
for (const page of pages()) {
  for (const [, target] of readFileSync(join("public", page), "utf8").matchAll(/(?:href|src)="([^"]+)"/g)) {
    links++;
    if (!existsSync(join("public", dirname(page), target))) broken.push(`${page}: ${target}`);
  }
}
mkdirSync("build", { recursive: true });
writeFileSync("build/links.json", `${JSON.stringify({ links, broken: broken.length, list: broken }, null, 2)}\n`);
for (const link of broken) console.error(`broken: ${link}`);
process.exitCode = broken.length > 0 ? 1 : 0;
