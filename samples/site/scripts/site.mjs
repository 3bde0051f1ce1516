// What several steps need: a very small Markdown, the template, and the list of what was written.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";

export const escape = text => text.replace(/[&<>"]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

/** Front matter and body of a text. */
export function parse(file) {
  const match = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(readFileSync(file, "utf8"));
  if (!match) throw new Error(`${file} has no front matter.`);
  const fields = Object.fromEntries(match[1].split("\n").map(line => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()]));
  if (!fields.title) throw new Error(`${file} has no title.`);
  return { ...fields, body: match[2].trim() };
}

/** Paragraphs, headings of the second level, lists, emphasis, and links: those between texts become links between pages. */
export function html(markdown) {
  return markdown.split(/\n\n+/).map(block => {
    if (block.startsWith("## ")) return `<h2>${inline(block.slice(3))}</h2>`;
    if (block.startsWith("- ")) return `<ul>\n${block.split("\n").map(line => `<li>${inline(line.slice(2))}</li>`).join("\n")}\n</ul>`;
    return `<p>${inline(block.replace(/\n/g, " "))}</p>`;
  }).join("\n");
}

const inline = text => escape(text)
  .replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>").replace(/\*(.+?)\*/g, "<em>$1</em>")
  .replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_, text, target) => `<a href="${target.replace(/\.md$/, ".html")}">${text}</a>`);

export const content = () => JSON.parse(readFileSync("build/content.json", "utf8"));

export const render = (page, root) =>
  ["title", "root", "body"].reduce((text, name) => text.replaceAll(`{{${name}}}`, () => ({ title: escape(page.title), root, body: html(page.body) })[name]), readFileSync("templates/page.html", "utf8"));

/** Writes files of the site and adds them to the manifest; the lock `manifest` keeps two steps from doing so at once. */
export function publish(files) {
  mkdirSync("build", { recursive: true });
  let manifest = {};
  try { manifest = JSON.parse(readFileSync("build/manifest.json", "utf8")); } catch (error) { if (error.code !== "ENOENT") throw error; }
  for (const [name, text] of Object.entries(files)) {
    const file = join("public", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    manifest[name] = createHash("sha256").update(text).digest("hex");
  }
  writeFileSync("build/manifest.json", `${JSON.stringify(manifest, Object.keys(manifest).sort(), 2)}\n`);
}

/** Every HTML file of the site, with its path from `public`. */
export const pages = () => readdirSync("public", { recursive: true }).map(String).filter(name => name.endsWith(".html")).sort();
