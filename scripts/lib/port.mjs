// @ts-check
import { createServer } from 'node:net';
import { UserError } from './step.mjs';

const TRIES = 100;

/**
 * The first port from `first` on which nothing listens.
 *
 * @param {number} first
 * @param {string} host
 */
export async function firstFreePort(first, host) {
  for (let port = first; port < first + TRIES; port++) if (await isFree(port, host)) return port;
  throw new UserError(`All ports from ${first} to ${first + TRIES - 1} are in use on ${host}.`);
}

/** @param {number} port @param {string} host @returns {Promise<boolean>} */
function isFree(port, host) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(new UserError(`This machine cannot listen on ${host}: ${error.message}`));
    });
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
