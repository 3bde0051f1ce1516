import { readFileSync } from "node:fs";
import { publish } from "./site.mjs";

const css = readFileSync("assets/style.css", "utf8").replace(/\/\*[\s\S]*?\*\//g, "").replace(/\s+/g, " ").replace(/ ?([{}:;,]) ?/g, "$1").replace(/;}/g, "}").trim();
publish({ "style.css": `${css}\n` });
