import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChainView } from '@perigee/light-core/da';
import { FLOW_KEY, STORE } from '@perigee/light-core/state';
import { createLightNode, type LightNode } from '@perigee/sampler';
import { ed25519Address, FlowRecord } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import {
  crashRounds,
  type Network,
  randomOf,
  runPerigee,
  startNetwork,
  startPerigee,
  temporaryFolder,
} from '../../../tests/kit/index.ts';
import { untilWritten } from '../../../tests/kit/moment.ts';
import { readKey } from '../src/keys.ts';
import { stateWhere } from '../src/light.ts';

const LONG = process.env.PERIGEE_LONG === '1';
/** Kills in each way; fewer for who wants to look quickly. */
const KILLS = Number(process.env.PERIGEE_KILLS ?? 17);
const BYTES = 12_000_000;
/** What `put` does to its journal for one file: a lock, the transaction before it is sent, and their ends. */
const PUT_OPERATIONS = 6;
/** What `get` does to its folder: a lock, segments, notes, flushes, and the name. */
const GET_OPERATIONS = 20;
/** Lines that say where a `put` is. */
const MOMENTS = [/^hash 0 %$/m, /^pay$/m, /^upload 0 %$/m, /^upload [1-9]0 %$/m];
const { signal } = new AbortController();

let network: Network;
let node: LightNode;
beforeAll(async () => {
  if (!LONG) return;
  network = await startNetwork({ blockMs: 300, storageBudgetGib: 4 }); // each kill leaves a file of 12 MB
  node = createLightNode({ trustRoot: readFileSync(network.chain, 'utf8'), follow: false, workers: 1 });
  await node.start();
  await stateWhere(node, ({ head }) => head !== undefined, signal);
});
afterAll(async () => {
  await node?.stop();
  await network?.stop();
});

/** Files on the chain, and transactions of the account, when nothing more is to come. */
async function payments(): Promise<{ files: number; transactions: number }> {
  const { height } = node.chain.head() ?? { height: 0 };
  await stateWhere(node, ({ head }) => (head?.height ?? 0) >= height + 2, signal);
  const flow = await node.chain.get(STORE.storage, FLOW_KEY);
  const account = await new ChainView(node.chain).account(ed25519Address((await readKey(network.account)).publicKey));
  const transactions = account?.nonces.find(({ lane }) => lane === 0)?.next ?? 0;
  return { files: FlowRecord.decode(flow ?? new Uint8Array(0)).submissions, transactions };
}

const words = (home: string): string[] => ['--chain', network.chain, '--key', network.account, '--home', home];

async function putAgain(file: string, home: string, more: readonly string[] = []): Promise<string> {
  const { code, stdout, output } = await runPerigee(['put', file, ...words(home), '--json', ...more]);
  expect(code, output).toBe(0);
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { root: string }).root;
}

async function get(root: string, target: string, more: readonly string[] = []): Promise<string> {
  const { code, output } = await runPerigee(['get', root, '-o', target, '--chain', network.chain, ...more]);
  expect(code, output).toBe(0);
  return digestOf(target);
}

const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe.runIf(LONG)('a client that is killed', { timeout: 3_600_000 }, () => {
  it('inside of what it notes of a payment has paid once when it is done', async () => {
    const random = randomOf(onTestFailed);
    const home = temporaryFolder('put-crash');
    const journal = join(home, 'transfers');
    mkdirSync(journal);
    const file = join(home, 'file');
    const before = await payments();
    let files = 0;
    const tally = await crashRounds({
      rounds: KILLS,
      folder: journal,
      within: PUT_OPERATIONS,
      random,
      start: (env) => {
        writeFileSync(file, randomBytes(BYTES));
        files++;
        return startPerigee(['put', file, ...words(home)], { env });
      },
      check: async () => {
        const root = await putAgain(file, home);
        expect(await get(root, join(temporaryFolder('got'), 'file'))).toBe(digestOf(file));
      },
    });
    const after = await payments();
    console.log(`kills inside the journal of put: ${JSON.stringify(tally)}, ${files} files, seed ${random.seed}`);
    expect([after.files - before.files, after.transactions - before.transactions]).toEqual([files, files]);
  });

  it('wherever it is with an upload has paid once when it is done', async () => {
    const random = randomOf(onTestFailed);
    const home = temporaryFolder('put-kill');
    const file = join(home, 'file');
    const before = await payments();
    const rounds = KILLS;
    for (let round = 0; round < rounds; round++) {
      writeFileSync(file, randomBytes(BYTES));
      const moment = MOMENTS[round % MOMENTS.length] ?? /^pay$/m;
      const child = startPerigee(['put', file, ...words(home)]);
      await untilWritten(child, moment);
      await child.kill();
      const root = await putAgain(file, home);
      expect(await get(root, join(temporaryFolder('got'), 'file'))).toBe(digestOf(file));
    }
    const after = await payments();
    console.log(`kills of put: ${rounds}, seed ${random.seed}`);
    expect([after.files - before.files, after.transactions - before.transactions]).toEqual([rounds, rounds]);
  });

  it.each([
    ['a download', [], []],
    ['a download that is decrypted', ['--encrypt', 'file.key'], ['--key', 'file.key']],
  ])('inside of writes of %s leaves the file absent or whole, and goes on', async (_, encrypt, decrypt) => {
    const random = randomOf(onTestFailed);
    const home = temporaryFolder('get-crash');
    const inHome = (words: readonly string[]): string[] => words.map((word) => (word === 'file.key' ? join(home, word) : word));
    const file = join(home, 'file');
    writeFileSync(file, randomBytes(BYTES));
    const root = await putAgain(file, home, inHome(encrypt));
    let target = '';
    const folder = join(home, 'got');
    mkdirSync(folder);
    const tally = await crashRounds({
      rounds: KILLS,
      folder,
      within: GET_OPERATIONS,
      random,
      cut: 'unsynced',
      start: (env, round) => {
        target = join(folder, `file ${round}`);
        return startPerigee(['get', root, '-o', target, '--chain', network.chain, ...inHome(decrypt)], { env });
      },
      check: async () => {
        if (existsSync(target)) expect(digestOf(target)).toBe(digestOf(file));
        else expect(await get(root, target, inHome(decrypt))).toBe(digestOf(file));
      },
    });
    console.log(`kills of get: ${JSON.stringify(tally)}, seed ${random.seed}`);
  });
});
