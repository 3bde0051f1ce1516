import { pages, publish } from "./site.mjs";

const urls = pages().map(name => `<url><loc>https://garden.example/${name}</loc></url>`);
publish({ "sitemap.xml": `<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${urls.join("\n")}\n</urlset>\n` });
