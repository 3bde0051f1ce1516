// Writes docs/api.md from the comments above the functions.
import { mkdirSync, writeFileSync } from "node:fs";
import { functions } from "./sources.mjs";

const sections = functions().map(({ name, module, summary, parameters, returns, examples }) => [
  `## ${name}(${parameters.map((parameter) => parameter.name).join(", ")})`,
  summary,
  parameters.map((parameter) => `- \`${parameter.name}\` (\`${parameter.type}\`): ${parameter.meaning}`).join("\n"),
  `Returns \`${returns.type}\`: ${returns.meaning}`,
  ...examples.map(({ code, result }) => `\`\`\`js\n${code} // => ${result}\n\`\`\``),
  `Source: src/${module}`,
].join("\n\n"));
mkdirSync("docs", { recursive: true });
writeFileSync("docs/api.md", `${["# API reference", ...sections].join("\n\n")}\n`);
console.log(`${sections.length} functions documented.`);
