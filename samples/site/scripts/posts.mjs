import { content, publish, render } from "./site.mjs";

publish(Object.fromEntries(content().posts.map(post => [`posts/${post.slug}.html`, render(post, "../")])));
