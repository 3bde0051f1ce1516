'use strict';
// Task graphs and projects that others wrote, as plans: WfCommons, STG, dag-json, PSPLIB and Patterson. File order is kept; ids are numbered,
// because not every name of theirs is one of ours; a measured time is all three PERT values.
const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');

/** Writes DIRECTORY/coordinator.json from a foreign file; the name tells the format. */
exports.writePlan = (file, directory) => {
  const { tasks, pools } = read(file);
  const id = i => `T${String(i + 1).padStart(6, '0')}`;
  const nodes = tasks.map((task, i) => ({
    id: id(i), duration: { optimistic: task.hours, mostLikely: task.hours, pessimistic: task.hours },
    ...(Object.keys(task.shared ?? {}).length ? { resources: { shared: task.shared } } : {}),
  }));
  const edges = tasks.flatMap((task, i) => task.before.map(p => ({ from: id(p), to: id(i) })));
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, 'coordinator.json'), JSON.stringify({ graph: { nodes, edges }, resources: { pools } }));
};

const read = file => {
  const bytes = fs.readFileSync(file);
  const text = (file.endsWith('.gz') ? zlib.gunzipSync(bytes) : bytes).toString('utf8');
  const name = path.basename(file, '.gz');
  if (name.endsWith('.dag.json')) return dagJson(JSON.parse(text));
  if (name.endsWith('.json')) return wfCommons(JSON.parse(text));
  if (name.endsWith('.stg')) return stg(text);
  if (name.endsWith('.sm')) return psplib(text);
  if (name.endsWith('.rcp')) return patterson(text);
  throw new Error(`Nobody knows the format of ${file}.`);
};

// Seconds to the microsecond, halves to the even one; a double of hours gives them back exactly.
const hours = seconds => {
  const exact = seconds * 1e6;
  const whole = Math.abs(exact % 1) === 0.5 ? 2 * Math.round(exact / 2) : Math.round(exact);
  return whole / 3.6e9;
};

const dagJson = document => {
  const index = new Map(document.tasks.map((task, i) => [task.id, i]));
  return { tasks: document.tasks.map(task => ({ hours: hours(task.duration), before: (task.deps ?? []).map(d => index.get(d)) })), pools: {} };
};

const wfCommons = ({ workflow }) => {
  const tasks = workflow.specification.tasks;
  const seconds = new Map(workflow.execution.tasks.map(task => [task.id, task.runtimeInSeconds]));
  const index = new Map(tasks.map((task, i) => [task.id, i]));
  const before = task => [...new Set((task.parents ?? []).map(p => index.get(p)))].sort((a, b) => a - b);
  return { tasks: tasks.map(task => ({ hours: hours(Math.max(0, seconds.get(task.id) ?? 0)), before: before(task) })), pools: {} };
};

const stg = text => {
  const rows = text.split('\n').filter(line => line.trim() && !line.startsWith('#')).map(numbers).slice(1);
  const index = new Map(rows.map((row, i) => [row[0], i]));
  return { tasks: rows.map(row => ({ hours: hours(row[1]), before: row.slice(3, 3 + row[2]).map(p => index.get(p)) })), pools: {} };
};

// A time unit is an hour, a renewable resource a pool R1, R2 and so on.
const psplib = text => {
  const lines = text.split(/\r?\n/);
  const at = heading => lines.findIndex(line => line.startsWith(heading));
  const rowsFrom = first => lines.slice(first, lines.findIndex((line, i) => i >= first && line.startsWith('*'))).map(numbers);
  const successors = rowsFrom(at('PRECEDENCE RELATIONS') + 2).map(row => row.slice(3, 3 + row[2]));
  const jobs = rowsFrom(at('REQUESTS/DURATIONS') + 3);
  return project(jobs.map(row => row[2]), jobs.map(row => row.slice(3)), numbers(lines[at('RESOURCEAVAILABILITIES') + 2]), successors);
};

const patterson = text => {
  const all = numbers(text);
  const [count, kinds] = all;
  const [durations, requests, successors] = [[], [], []];
  let at = 2 + kinds;
  for (let job = 0; job < count; job++) {
    durations.push(all[at]);
    requests.push(all.slice(at + 1, at + 1 + kinds));
    const first = at + 2 + kinds;
    at = first + all[first - 1];
    successors.push(all.slice(first, at));
  }

  return project(durations, requests, all.slice(2, 2 + kinds), successors);
};

const project = (durations, requests, capacities, successors) => {
  const before = durations.map(() => []);
  successors.forEach((list, job) => list.forEach(s => before[s - 1].push(job)));
  const shared = request => Object.fromEntries(request.map((units, k) => [`R${k + 1}`, units]).filter(([, units]) => units > 0));
  return {
    tasks: durations.map((length, job) => ({ hours: length, before: before[job], shared: shared(requests[job]) })),
    pools: Object.fromEntries(capacities.map((capacity, k) => [`R${k + 1}`, capacity])),
  };
};

const numbers = text => text.trim().split(/\s+/).map(Number);
