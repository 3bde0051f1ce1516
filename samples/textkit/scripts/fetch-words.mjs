// Fetches the word list from the mirror. In this sample the mirror is a folder, and the first attempt fails on purpose,
// as a cold cache in front of a real mirror would: so the demo shows a failure, a wait and a retry.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

// The coordinator tells every attempt its number, from 1.
if (process.env.TASKS_ATTEMPT === "1") {
  console.error("503: the mirror is still warming up. (This sample fails its first attempt on purpose; the next one succeeds.)");
  process.exit(1);
}

const words = readFileSync("mirror/words.txt", "utf8").split(/\s+/).filter(Boolean);
mkdirSync("build", { recursive: true });
writeFileSync("build/words.json", `${JSON.stringify({ count: words.length, words: [...new Set(words)].sort() })}\n`);
console.log(`${words.length} words fetched.`);
