// Joins the modules into one file. They do not import each other, so this is all there is to bundling.
import { readFileSync } from "node:fs";
import { modules } from "./sources.mjs";
import { release } from "./manifest.mjs";

const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
const parts = modules.map((module) => `// ${module}\n${readFileSync(`src/${module}`, "utf8")}`);
release("textkit.mjs", [`/*! ${name} ${version} */\n`, ...parts].join("\n"));
