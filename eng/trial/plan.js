'use strict';
// A plan whose tasks tell by files what really happened, so that the journal can be compared with the world.
const fs = require('node:fs');
const path = require('node:path');
const { dice } = require('./dice');

const capacity = 3;
const locks = ['alpha', 'beta', 'gamma'];

// What one task does. It holds "running/ID" and "held/LOCK" as locks of the kernel, which end with the process, however it ends: a task that
// runs twice at once, or a lock with two holders, leaves a line in "doubles" whatever the journal says. "ran/ID" gets a line for each start.
const appending = `
  exec 8> "running/$1"; flock -n 8 || echo "$1 runs twice at once" >> doubles
  [ -z "$3" ] || { exec 9> "held/$3"; flock -n 9 || echo "$1 found lock $3 held" >> doubles; }
  echo "$1" >> "ran/$1"
  sleep "$2"
  : > "done/$1"`;

// The same without a single write or sync by the task's own processes: faults that are injected into those calls hit the coordinator alone.
// Each start is a file of its own instead of a line; "doubles" is a folder.
const quiet = `
  exec 8> "running/$1"; flock -n 8 || : > "doubles/$1 runs twice at once"
  [ -z "$3" ] || { exec 9> "held/$3"; flock -n 9 || : > "doubles/$1 found lock $3 held"; }
  : > "ran/$1.$$"
  sleep "$2"
  : > "done/$1"`;

/**
 * Writes a plan of layers into `folder`/plan and makes the folders that its tasks use. Every task has up to three predecessors in the layer
 * before; some have a lock, units of a pool, or checks.
 * @returns {{directory: string, ids: string[], predecessors: Map<string, string[]>, locks: Map<string, string>, pools: Map<string, number>, capacity: number, runs: (id: string) => number, doubles: () => string[]}}
 */
exports.writeTrialPlan = (folder, { tasks, seed, layerWidth = 40, longestSleep = 0.03, writes = true }) => {
  const roll = dice(seed);
  const ids = Array.from({ length: tasks }, (_, index) => `T${String(index + 1).padStart(4, '0')}`);
  const plan = { directory: path.join(folder, 'plan'), ids, predecessors: new Map(), locks: new Map(), pools: new Map(), capacity };
  const edges = [];

  const nodes = ids.map((id, index) => {
    const before = ids.slice(Math.max(0, (Math.floor(index / layerWidth) - 1) * layerWidth), Math.floor(index / layerWidth) * layerWidth);
    const wanted = before.length ? 1 + Math.floor(roll() * 3) : 0;
    const predecessors = [...new Set(Array.from({ length: wanted }, () => before[Math.floor(roll() * before.length)]))];
    plan.predecessors.set(id, predecessors);
    edges.push(...predecessors.map(from => ({ from, to: id })));

    const lock = roll() < 0.1 ? locks[Math.floor(roll() * locks.length)] : '';
    const units = roll() < 0.15 ? 1 + Math.floor(roll() * 2) : 0;
    if (lock) plan.locks.set(id, lock);
    if (units) plan.pools.set(id, units);

    const sleep = (roll() * longestSleep).toFixed(3);
    const node = { id, run: { argv: ['/bin/sh', '-c', writes ? appending : quiet, 'task', id, sleep, lock] } };
    if (lock || units) node.resources = { locks: lock ? [lock] : [], shared: units ? { desk: units } : {} };
    const checks = writes
      ? [{ id: 'done', type: 'file_exists', path: `done/${id}` }, { id: 'said', type: 'file_contains', path: `ran/${id}`, text: id }, { id: 'asked', type: 'command', argv: ['test', '-s', `ran/${id}`] }]
      : [{ id: 'done', type: 'file_exists', path: `done/${id}` }, { id: 'asked', type: 'command', argv: ['test', '-f', `done/${id}`] }];
    if (roll() < 0.3) node.acceptance_checks = [checks[Math.floor(roll() * checks.length)]];
    return node;
  });

  for (const name of ['plan', 'running', 'held', 'ran', 'done', ...(writes ? [] : ['doubles'])]) fs.mkdirSync(path.join(folder, name), { recursive: true });
  fs.writeFileSync(path.join(plan.directory, 'coordinator.json'), JSON.stringify({
    version: '1.0',
    graph: { nodes, edges },
    resources: { locks, pools: { desk: capacity } },
  }, null, 1));

  /** How often the task has been started, as the world tells it. */
  plan.runs = id => writes
    ? lines(path.join(folder, 'ran', id)).length
    : fs.readdirSync(path.join(folder, 'ran')).filter(name => name.startsWith(`${id}.`)).length;
  /** What must never have happened. */
  plan.doubles = () => writes ? lines(path.join(folder, 'doubles')) : fs.readdirSync(path.join(folder, 'doubles'));
  /** Whether the task has really come to its end at least once. */
  plan.reallyDone = id => fs.existsSync(path.join(folder, 'done', id));
  return plan;
};

const lines = file => fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
