// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A network ends its nodes one after the other, and they flush to disk. */
const STOP_MS = 30_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

/**
 * Starts a process that ends when this one does, with all that it started: it leads a process group of its own, so that a Ctrl-C in a
 * terminal reaches it once, through us, and a kill reaches its children too.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export function start(command, args, options) {
  const child = spawn(command, args, { ...options, detached: process.platform !== 'win32' });
  children.add(child);
  child.once('exit', () => children.delete(child));
  child.once('error', () => children.delete(child));
  return child;
}

/** Asks every child to end, and makes it if it does not. */
async function stopChildren() {
  await Promise.all(
    [...children].map(async (child) => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => killGroup(child), STOP_MS);
      await ended;
      clearTimeout(timer);
    }),
  );
}

/** @param {import('node:child_process').ChildProcess} child */
function killGroup(child) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // the group has ended
  }
}

let stopping = false;

/** Whether this process was told to end. */
export const isStopping = () => stopping;

/** @param {number} code */
function stop(code) {
  if (stopping) return;
  stopping = true;
  void stopChildren().then(() => process.exit(code));
}

process.on('SIGINT', () => stop(130));
process.on('SIGTERM', () => stop(143));
process.on('SIGHUP', () => stop(129));
process.on('exit', () => {
  for (const child of children) killGroup(child);
});

// npm starts a script through a shell, and a signal sent to npm alone ends the shell but not us.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) stop(143);
}, 1_000).unref();
