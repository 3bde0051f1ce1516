// Measures the bundle on the word list: how many operations a second, the median of five rounds of a tenth of a second.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { slugify, wrap, didYouMean, parseCsv, formatCsv } = await import(pathToFileURL("dist/textkit.mjs"));
const { words } = JSON.parse(readFileSync("build/words.json", "utf8"));
const text = words.join(" ");
const table = formatCsv(words.map((word) => [word, word.toUpperCase()]));
const work = {
  slugify: () => slugify(text),
  wrap: () => wrap(text, 80),
  didYouMean: () => didYouMean("algoritm", words),
  parseCsv: () => parseCsv(table),
};

const perSecond = {};
for (const [name, operation] of Object.entries(work)) {
  const rounds = Array.from({ length: 5 }, () => {
    let count = 0;
    const start = performance.now();
    while (performance.now() - start < 100) {
      operation();
      count++;
    }
    return (count * 1000) / (performance.now() - start);
  });
  perSecond[name] = Math.round(rounds.sort((a, b) => a - b)[2]);
  console.log(`${name}: ${perSecond[name]} a second`);
}
mkdirSync("build", { recursive: true });
writeFileSync("build/speed.json", `${JSON.stringify({ node: process.version, perSecond }, null, 2)}\n`);
