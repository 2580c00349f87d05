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

/** Whether a signal told this process to end. */
export const isStopping = () => stopping;

for (const [signal, code] of /** @type {const} */ ([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    void stopChildren().then(() => process.exit(code));
  });
}
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
