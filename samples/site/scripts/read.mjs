import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { parse } from "./site.mjs";

const read = folder => readdirSync(folder).filter(name => name.endsWith(".md")).sort().map(name => ({ slug: name.slice(0, -3), ...parse(`${folder}/${name}`) }));
const posts = read("content/posts").sort((a, b) => b.date.localeCompare(a.date));
mkdirSync("build", { recursive: true });
writeFileSync("build/content.json", `${JSON.stringify({ pages: read("content"), posts }, null, 2)}\n`);
console.log(`${posts.length} posts`);
