'use strict';
// The program under trial: published as users get it, started like they start it.
const { execFileSync, spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const repository = path.resolve(__dirname, '..', '..');

/** A new empty folder of this trial, removed when the trial ends well; when it fails, its path is printed, because the evidence is in it. */
exports.trialFolder = name => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `${name}.`));
  process.on('exit', code => {
    if (code === 0) fs.rmSync(folder, { recursive: true, force: true });
    else console.error(`What the trial left behind is in ${folder}.`);
  });
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  return folder;
};

/** Publishes the Release build into `folder` and gives the program's path; TASKS_PROGRAM names one that is there already. */
exports.publish = folder => {
  if (process.env.TASKS_PROGRAM) return path.resolve(process.env.TASKS_PROGRAM);
  const published = spawnSync('dotnet', ['publish', 'src/Slaps.Cli', '-c', 'Release', '--use-current-runtime', '-o', path.join(folder, 'program'), '-v', 'q', '--nologo'],
    { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (published.status !== 0) fail(`The program cannot be published:\n${published.stdout}${published.stderr}`);
  return path.join(folder, 'program', 'tasks');
};

/** The commit that is tried, for the first line of every table. */
exports.commit = () => execFileSync('git', ['-C', repository, 'describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();

/**
 * Starts a program and gives its process with `ended`, a promise of {code, signal, stderr}. Standard output goes nowhere: what happened is in
 * the journal.
 */
exports.start = (command, args, folder) => {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', text => { if (stderr.length < 65536) stderr += text; });
  // "exit", not "close": a task that outlives a killed coordinator may hold the other end of standard error open.
  child.ended = new Promise((resolve, reject) => child.on('error', reject).on('exit', (code, signal) => setImmediate(() => resolve({ code, signal, stderr }))));
  return child;
};

/** Runs a program to its end and gives {status, stdout, stderr}. */
exports.run = (command, args, folder) => spawnSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });

/** Processes that work in the folder: after an execution there must be none. */
exports.processesIn = folder => fs.readdirSync('/proc').filter(name => /^\d+$/.test(name)).filter(pid => {
  try {
    const where = fs.readlinkSync(`/proc/${pid}/cwd`);
    return (where === folder || where.startsWith(folder + path.sep)) && fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()[0] !== 'Z';
  } catch {
    return false;   // It ended while we looked, or it belongs to somebody else.
  }
}).map(pid => `${pid} ${commandLine(pid)}`);

/** Waits until a condition holds, at most so many milliseconds; says whether it came to hold. */
exports.until = async (condition, milliseconds) => {
  for (const end = Date.now() + milliseconds; Date.now() < end; await new Promise(resolve => setTimeout(resolve, 5))) if (condition()) return true;
  return condition();
};

/** Ends the trial with a sentence. */
const fail = exports.fail = message => {
  console.error(message);
  process.exit(1);
};

/** Ends the trial unless these programs are there. */
exports.need = (...tools) => {
  const missing = tools.filter(tool => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length) fail(`Missing: ${missing.join(', ')}. Install them and run this again.`);
};

const commandLine = pid => {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, 3).join(' ').replace(/\s+/g, ' ').slice(0, 80);
  } catch {
    return '(ended)';
  }
};
