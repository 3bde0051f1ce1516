// Writes the type declarations from the comments above the functions.
import { functions } from "./sources.mjs";
import { release } from "./manifest.mjs";

const declarations = functions().map(({ name, summary, parameters, returns }) => {
  const list = parameters.map((parameter) => `${parameter.name}: ${parameter.type}`).join(", ");
  return `/** ${summary.replaceAll("\n", " ")} */\nexport function ${name}(${list}): ${returns.type};\n`;
});
release("textkit.d.mts", declarations.join("\n"));
