// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const STOP_MS = 10_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

/**
 * Starts a process that ends when this one does.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export function start(command, args, options) {
  const child = spawn(command, args, options);
  children.add(child);
  child.once('exit', () => children.delete(child));
  child.once('error', () => children.delete(child));
  return child;
}

/** Asks every child to end, and after 10 seconds makes it. */
async function stopChildren() {
  await Promise.all(
    [...children].map(async (child) => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    }),
  );
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
  for (const child of children) child.kill('SIGKILL');
});

// npm starts a script through a shell, and a signal sent to npm alone ends the shell but not us.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) stop(143);
}, 1_000).unref();
