// For each word of more than three letters the posts that hold it.
import { content, publish } from "./site.mjs";

const words = {};
for (const post of content().posts) {
  for (const word of new Set(`${post.title} ${post.body}`.toLowerCase().match(/[a-z]{4,}/g))) (words[word] ??= []).push(post.slug);
}
publish({ "search.json": `${JSON.stringify({ words: Object.fromEntries(Object.entries(words).sort()) })}\n` });
