'use strict';
// The graphs and projects of the shared data: the rows of an expected.csv, and each instance imported once.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { fail } = require('./program');

/** The folder that holds the shared data. */
exports.shared = path.resolve(process.env.TASKS_SHARED || path.join(__dirname, '..', '..', '..', 'shared'));

/** The rows of `data/<kind>/expected.csv`, and where each instance lies: by its name alone and after its archive's. */
exports.load = (kind, folder) => {
  const place = path.join(exports.shared, 'data', kind);
  if (!fs.existsSync(place)) fail(`The shared data is not in ${exports.shared}. Set TASKS_SHARED to the folder that holds data/ and tools/.`);
  const files = new Map();
  for (const archive of fs.readdirSync(place).filter(name => name.endsWith('.tar.gz'))) {
    const name = archive.slice(0, -'.tar.gz'.length);
    const target = path.join(folder, kind, name);
    fs.mkdirSync(target, { recursive: true });
    if (spawnSync('tar', ['-xzf', path.join(place, archive), '-C', target]).status !== 0) fail(`${archive} cannot be unpacked.`);
    for (const entry of fs.readdirSync(target, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      files.set(entry.name, file);
      files.set(`${name}/${entry.name}`, file);
    }
  }

  const [head, ...lines] = fs.readFileSync(path.join(place, 'expected.csv'), 'utf8').trim().split(/\r?\n/).map(line => line.split(','));
  return { rows: lines.map(cells => Object.fromEntries(head.map((name, i) => [name, cells[i]]))), files };
};

const plans = new Map();

/** The plan directory of an instance, imported once; rows of the same graph stand beside each other. */
exports.planOf = (program, files, name, folder) => {
  if (!plans.has(name)) {
    const file = files.get(name) ?? fail(`The archives hold no ${name}.`);
    const directory = path.join(folder, 'plans', String(plans.size));
    const imported = spawnSync(program, ['import', file, '--output-dir', directory], { encoding: 'utf8' });
    if (imported.status !== 0) fail(`${file} was not imported: ${imported.stderr.slice(-2000)}`);
    plans.set(name, directory);
  }

  return plans.get(name);
};
