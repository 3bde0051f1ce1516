'use strict';
// Needs about a hundred megabytes on the heap.
const fs = require('node:fs');
const rows = [];
for (let i = 0; i < 800_000; i++) rows.push({ i, half: i / 2, name: `row ${i}` });
fs.writeFileSync('rows.txt', `${rows.length}\n`);
