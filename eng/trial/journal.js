'use strict';
// Reads the journal past the program, with the sqlite3 command line, and compares it with itself, with the plan and with the world.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** The newest execution's events, each {seq, at, type, data}, at in milliseconds; none when there is no journal yet. */
exports.readEvents = folder => {
  if (!fs.existsSync(file(folder))) return [];
  const rows = query(folder, `SELECT seq, type, at_us / 1000 AS at, CAST(data AS TEXT) AS data FROM events
    WHERE execution = (SELECT id FROM executions ORDER BY created_at_us DESC, rowid DESC LIMIT 1) ORDER BY seq`);
  return rows.map(row => ({ seq: row.seq, at: row.at, type: row.type, data: JSON.parse(row.data) }));
};

/** How many executions the journal holds. */
exports.executions = folder => fs.existsSync(file(folder)) ? query(folder, 'SELECT id FROM executions').length : 0;

/** Ids of the tasks that the events call done. */
exports.succeeded = events => events.filter(event => event.type === 'task_succeeded').map(event => event.data.task);

/** Sentences about what is wrong with the events of one execution; none: nothing. */
exports.judge = (folder, events, plan) => {
  const wrong = [];
  events.forEach((event, index) => { if (event.seq !== index + 1) wrong.push(`event ${index + 1} has sequence number ${event.seq}`); });

  const done = new Set();
  const held = new Map();
  for (const { seq, type, data } of events) {
    const { task } = data;
    if (task && done.has(task) && type !== 'resource_released') wrong.push(`event ${seq} is a ${type} of ${task}, which had succeeded`);
    if (type === 'task_assigned') {
      const early = plan.predecessors.get(task).filter(id => !done.has(id));
      if (early.length) wrong.push(`event ${seq} assigns ${task} before ${early} succeeded`);
      if (plan.locks.has(task) && !held.has(task)) wrong.push(`event ${seq} assigns ${task} without its lock`);
    }

    if (type === 'resource_acquired') {
      held.set(task, true);
      const holders = [...held.keys()];
      const lock = plan.locks.get(task);
      const others = holders.filter(other => other !== task && lock && plan.locks.get(other) === lock);
      if (others.length) wrong.push(`event ${seq} gives lock ${lock} to ${task} while ${others} has it`);
      const units = holders.reduce((sum, id) => sum + (plan.pools.get(id) ?? 0), 0);
      if (units > plan.capacity) wrong.push(`event ${seq} lends ${units} of ${plan.capacity} units`);
    }

    if (type === 'resource_released') held.delete(task);
    if (type === 'task_succeeded') {
      done.add(task);
      if (!plan.reallyDone(task)) wrong.push(`event ${seq} says that ${task} succeeded, and it never came to its end`);
    }
  }

  const intact = fs.existsSync(file(folder)) ? query(folder, 'PRAGMA integrity_check')[0].integrity_check : 'ok';
  if (intact !== 'ok') wrong.push(`SQLite says of the journal: ${intact}`);
  return [...wrong, ...plan.doubles()];
};

const file = folder => path.join(folder, '.slaps', 'journal.db');

// A copy is read: opening the journal itself might repair what a killed coordinator left behind, and its successor would be spared that.
const query = (folder, sql) => {
  const copy = fs.mkdtempSync(`${folder}.copy-`);
  try {
    // Not the -shm: it is an index of the -wal, and SQLite makes it anew.
    for (const name of ['journal.db', 'journal.db-wal', 'journal.db-journal']) {
      const original = path.join(folder, '.slaps', name);
      if (fs.existsSync(original)) fs.copyFileSync(original, path.join(copy, name));
    }

    const answer = spawnSync('sqlite3', ['-json', path.join(copy, 'journal.db'), sql], { encoding: 'utf8', maxBuffer: 1 << 30 });
    // A coordinator that died before it had made the tables leaves a journal that holds nothing.
    if (/no such table/.test(answer.stderr)) return [];
    if (answer.status !== 0) throw new Error(`The journal in ${folder} cannot be read: ${answer.stderr}`);
    return answer.stdout.trim() ? JSON.parse(answer.stdout) : [];
  } finally {
    fs.rmSync(copy, { recursive: true });
  }
};
