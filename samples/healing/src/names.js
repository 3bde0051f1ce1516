'use strict';
const fs = require('node:fs');
const { pad } = require('left-hand');

fs.mkdirSync('out', { recursive: true });
fs.writeFileSync('out/names.txt', ['ann', 'bert', 'clara'].map(name => `${pad(name, 8)}\n`).join(''));
