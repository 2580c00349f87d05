// @ts-check
import { once } from 'node:events';
import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { isStopping, start } from './lib/children.mjs';
import { hashFiles } from './lib/files.mjs';
import { at, ROOT } from './lib/paths.mjs';
import { main, step, UserError } from './lib/step.mjs';

const OLDEST_NODE = [20, 19];
/** What an install takes, with room for npm's cache. */
const NEEDED_BYTES = 900e6;
/** Holds the hash of the lockfile that node_modules was made from. */
const INSTALLED = at('node_modules/.perigee-lock');

/** Makes the clone ready to build: checks Node, and installs exactly the lockfile when node_modules was made from another one. */
export async function setUp() {
  checkNode();
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === lockHash()) return;
  checkDisk();
  const doing = () => (isStopping() ? 'npm takes back what it has unpacked' : 'installing packages: npm ci, a minute or two');
  await step('install packages', install, doing);
  writeInstalled();
}

const lockHash = () => hashFiles(['package-lock.json']);

/** Runs after every install, also one that a person started, so that it is not done twice. */
function writeInstalled() {
  writeFileSync(INSTALLED, lockHash());
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST_NODE;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return;
  throw new UserError(`Perigee needs Node ${OLDEST_NODE.join('.')} or newer, and this is Node ${process.versions.node}.`);
}

function checkDisk() {
  const { bavail, bsize } = statfsSync(ROOT);
  if (bavail * bsize >= NEEDED_BYTES) return;
  throw new UserError(
    `Installing needs ${NEEDED_BYTES / 1e6} MB, and the disk of ${ROOT} has ${Math.floor((bavail * bsize) / 1e6)} MB left.`,
  );
}

async function install() {
  // Inside `npm start` the npm that runs us is known by its file, which also spares Windows a shell.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  /** @type {import('node:child_process').SpawnOptions} */
  const options = { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] };
  const child =
    npm?.endsWith('.js') === true
      ? start(process.execPath, [npm, ...args], options)
      : start('npm', args, { ...options, shell: process.platform === 'win32' });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    stderr += text;
  });
  try {
    const [code] = await once(child, 'close');
    if (code !== 0)
      throw new UserError(isStopping() ? 'The install was stopped; the next start does it anew.' : explain(undefined, stderr));
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(explain(/** @type {Error} */ (error), stderr));
  }
}

/** @param {Error | undefined} error @param {string} stderr */
function explain(error, stderr) {
  if (error !== undefined) return `npm could not be started (${error.message}); install npm 10 or newer, which comes with Node.`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ENOTCACHED/.test(stderr)) {
    return 'The first install needs the network, and npm could not reach its registry; afterwards no network is needed.';
  }
  if (stderr.includes('ENOSPC')) return 'The disk filled up while packages were installed; free 1 GB and try again.';
  if (stderr.includes('EACCES')) return `Packages cannot be written below ${ROOT}; run as the user who owns that folder.`;
  return `npm ci failed:\n${stderr.trim()}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.includes('--installed') ? async () => writeInstalled() : setUp);
