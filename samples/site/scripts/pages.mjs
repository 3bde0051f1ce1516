import { content, publish, render } from "./site.mjs";

publish(Object.fromEntries(content().pages.map(page => [`${page.slug}.html`, render(page, "")])));
