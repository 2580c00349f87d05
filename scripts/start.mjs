// @ts-check
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import { buildAll } from './build.mjs';
import { isStopping, start } from './lib/children.mjs';
import { alive } from './lib/lock.mjs';
import { NODE_FLAGS } from './lib/node-flags.mjs';
import { at } from './lib/paths.mjs';
import { firstFreePort } from './lib/port.mjs';
import { main, readOptions, UserError } from './lib/step.mjs';
import { setUp } from './setup.mjs';

const USAGE = `npm start -- [--host ADDRESS]
  --host ADDRESS  IP address to listen on (default 127.0.0.1; 0.0.0.0 for all)`;
const FIRST_PORT = 4646;
const HOME = at('.perigee/devnet');
/** Says which process of this clone serves, where, and which chain, so that a second start finds the first. */
const RUNNING = at('.perigee/running.json');
const ASK_MS = 3_000;

await main(async () => {
  const options = readOptions({ options: { host: { type: 'string' } } }, USAGE);
  const host = options.host ?? '127.0.0.1';
  const running = await findRunning();
  if (running !== undefined) {
    console.log('This clone runs already.');
    console.log(`Perigee is at ${running.url}`);
    if (options.host !== undefined && options.host !== running.host) {
      throw new UserError(`It listens on ${running.host}. To have it listen on ${options.host}, end it first.`);
    }
    return;
  }
  await setUp();
  await buildAll();

  console.log('· starting the network …');
  const port = await firstFreePort(FIRST_PORT, host);
  const child = start(
    process.execPath,
    [
      ...NODE_FLAGS,
      at('dist/node/perigee.js'),
      'devnet',
      '--until-stdin-ends',
      '--home',
      HOME,
      '--http-port',
      String(port),
      '--host',
      host,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  child.once('error', (error) => console.error(`The network could not be started: ${error.message}`));
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('READY ')) void remember(host, port);
      else console.log(line);
    });
  }
  const [code] = await once(child, 'exit');
  if (code !== 0 && !isStopping()) throw new UserError(`The network ended with exit code ${code}.`);
});

/** @param {string} host @param {number} port */
async function remember(host, port) {
  const url = addressOf(host, port);
  const genesisHash = await chainAt(url).catch(() => undefined);
  mkdirSync(at('.perigee'), { recursive: true });
  process.on('exit', () => rmSync(RUNNING, { force: true }));
  writeFileSync(RUNNING, JSON.stringify({ pid: process.pid, host, url, genesisHash }));
  console.log(`Perigee is at ${url}`);
  if (isAny(host)) {
    for (const address of otherAddresses()) console.log(`From other machines: http://${address}:${port}/`);
    console.log(
      'Browsers verify only on https pages and on this machine itself: put a proxy with a certificate in front for others.',
    );
  }
  console.log('Ctrl-C ends it.');
}

/** The address of a first start in this clone: its process runs, and what answers there serves the chain that it wrote down. */
async function findRunning() {
  try {
    const { pid, host, url, genesisHash } = JSON.parse(readFileSync(RUNNING, 'utf8'));
    const answers = alive(pid) && genesisHash !== undefined && (await chainAt(url)) === genesisHash;
    return answers ? { host: String(host), url: String(url) } : undefined;
  } catch {
    return undefined;
  }
}

/** The genesis hash in the trust root that a Perigee server hands out. @param {string} url @returns {Promise<unknown>} */
async function chainAt(url) {
  const answer = await fetch(new URL('perigee-chain.json', url), { signal: AbortSignal.timeout(ASK_MS) });
  return (await answer.json()).genesisHash;
}

/** What a browser on this machine types: an address that means "all interfaces" is none. @param {string} host @param {number} port */
function addressOf(host, port) {
  const name = isAny(host) ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}/`;
}

/** Whether an address stands for all interfaces. @param {string} host */
function isAny(host) {
  return host === '0.0.0.0' || host === '::';
}

/** Where other machines find this one. */
function otherAddresses() {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}
