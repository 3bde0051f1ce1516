import { content, escape, html, publish } from "./site.mjs";

const items = content().posts.map(post => `<item><title>${escape(post.title)}</title><link>https://garden.example/posts/${post.slug}.html</link>`
  + `<pubDate>${new Date(`${post.date}T00:00:00Z`).toUTCString()}</pubDate><description>${escape(html(post.body))}</description></item>`);
publish({ "feed.xml": `<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>Garden notes</title><link>https://garden.example/</link><description>What grows</description>\n${items.join("\n")}\n</channel></rss>\n` });
