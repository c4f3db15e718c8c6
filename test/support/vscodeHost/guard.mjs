// Runs one command in a process group of its own and ends the whole group, then removes the given folders, as soon
// as standard input closes: that happens however the starter ends, a SIGKILL included. Plain JavaScript, since it
// is started once per server and needs nothing.
// Usage: node guard.mjs <JSON list of folders to remove> <command> [arguments...]
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const graceMs = 3000;
const [folders = '[]', command = '', ...args] = process.argv.slice(2);
const isWindows = process.platform === 'win32';
// The starter decides when to end: a Ctrl+C in the terminal must not take the guard before its group.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: !isWindows });
child.on('error', (error) => {
  console.error(error.message);
  finish(127);
});
child.on('exit', (code) => {
  killGroup('SIGKILL');
  finish(code ?? 1);
});
process.stdin.on('end', endGroup).on('close', endGroup).on('error', endGroup).resume();

let ending = false;
function endGroup() {
  if (ending) return;
  ending = true;
  killGroup('SIGTERM');
  setTimeout(() => killGroup('SIGKILL'), graceMs);
}

/** @param {NodeJS.Signals} signal */
function killGroup(signal) {
  if (child.pid === undefined) return;
  try {
    if (isWindows) spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
    else process.kill(-child.pid, signal);
  } catch {
    // No process of the group is left.
  }
}

/** @param {number} code */
function finish(code) {
  for (const folder of JSON.parse(folders)) {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    } catch {
      // Left to the system's own cleaning of its folder for temporary files.
    }
  }
  process.exit(code);
}
