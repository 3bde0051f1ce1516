// What the steps know about the library: its modules, and what the comments above its functions say.
import { readFileSync, readdirSync } from "node:fs";

export const modules = readdirSync("src").filter((name) => name.endsWith(".mjs")).sort();

/** Every exported function with its comment taken apart, in the order of the files. */
export function functions() {
  const documented = /\/\*\*\n((?: \*.*\n)+?) \*\/\nexport function (\w+)\(/g;
  return modules.flatMap((module) => {
    const source = readFileSync(`src/${module}`, "utf8");
    return [...source.matchAll(documented)].map(([, comment, name]) => ({ module, name, ...read(comment) }));
  });
}

function read(comment) {
  const [words, ...tags] = comment.replace(/^ \* ?/gm, "").split(/^@/m).map((part) => part.trim());
  const all = (tag) => tags.filter((text) => text.startsWith(`${tag} `) || text.startsWith(`${tag}\n`)).map((text) => text.slice(tag.length).trim());
  const typed = (text) => text.match(/^\{(?<type>[^}]+)\}\s*(?<rest>[^]*)$/).groups;
  return {
    summary: words,
    parameters: all("param").map((text) => {
      const { type, rest } = typed(text);
      const [name, ...meaning] = rest.split(" ");
      return { name, type, meaning: meaning.join(" ") };
    }),
    returns: all("returns").map(typed).map(({ type, rest }) => ({ type, meaning: rest }))[0],
    examples: all("example").map((text) => text.split(" // => ")).map(([code, result]) => ({ code, result })),
  };
}
