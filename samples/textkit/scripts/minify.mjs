// Takes comments and indentation out of the bundle, then proves that both bundles export the same.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { release } from "./manifest.mjs";

const bundle = readFileSync("dist/textkit.mjs", "utf8");
const small = bundle
  .replace(/\/\*\*[^]*?\*\/\n/g, "")
  .split("\n")
  .map((line) => line.trim())
  .filter((line) => line && !line.startsWith("//"))
  .join("\n");
release("textkit.min.mjs", `${small}\n`);

const [full, minified] = await Promise.all(["textkit.mjs", "textkit.min.mjs"].map((file) => import(pathToFileURL(`dist/${file}`))));
const missing = Object.keys(full).filter((name) => typeof minified[name] !== "function");
if (missing.length > 0) throw new Error(`The small bundle lacks ${missing.join(", ")}.`);
