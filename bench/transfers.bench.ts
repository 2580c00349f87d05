import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { Submissions } from '@perigee/light-core/storage';
import { ed25519Signer, secp256k1Signer } from '@perigee/light-core/tx';
import { systemClock } from '@perigee/net';
import { createLightNode } from '@perigee/sampler';
import { bytesSource, createFilePool, download, ed25519Payer, type FileParts, putFile } from '@perigee/sampler/files';
import { diskJournal, diskPlace } from '@perigee/sampler/node';
import { fromHex, toHex } from '@perigee/wire';
import { type Network, runPerigee, startNetwork, temporaryFolder } from '../tests/kit/index.ts';
import { report } from './figure.ts';

// Files of random bytes to and from storage nodes, each a process with disk, over loopback: ours, verifying all, and 0G's SDK at its default and its best
// settings, in the same run and on the same nodes, which serve it over HTTP. Times are those of the transfer alone: programs and connections are there.
const UPLOAD_BYTES = 8 << 20;
/** Of downloads; beginning and end of one are lost in it. */
const DOWNLOAD_BYTES = 64 << 20;
const ROUNDS = 4;
const SDK = '@0gfoundation/0g-ts-sdk';
const peer = join(process.cwd(), 'tests/peers/zerog');
/** Of the SDK's upload: segments in a request. It is called with one by default; ten is what 0G's own Go client takes. */
const SETTINGS = [{}, { taskSize: 10 }];
const SECRET = toHex(new Uint8Array(32).fill(5));
const { signal } = new AbortController();

interface Answer {
  readonly ms: number;
  readonly root?: string;
  readonly error: string | null;
}

async function ask(program: string, input: unknown): Promise<Answer[]> {
  const child = spawn(process.execPath, [program], { cwd: peer, stdio: ['pipe', 'pipe', 'ignore'], timeout: 180_000 });
  child.stdin.end(JSON.stringify(input));
  const answers = (await json(child.stdout)) as Answer[];
  for (const { error } of answers) if (error !== null && error !== undefined) throw new Error(`0G's SDK: ${error}`);
  return answers;
}

interface Client {
  readonly parts: FileParts;
  put(data: Uint8Array): Promise<{ ms: number; root: Uint8Array }>;
  get(root: Uint8Array): Promise<number>;
  stop(): Promise<void>;
}

async function clientOf(network: Network): Promise<Client> {
  const node = createLightNode({ trustRoot: readFileSync(network.chain, 'utf8'), follow: false, workers: 1 });
  await node.start();
  const pool = createFilePool(2);
  const parts: FileParts = { state: node.chain, storage: node.storage, pool, clock: systemClock };
  while (node.chain.head() === undefined || node.storage.peers().length < network.nodes.length) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const signer = ed25519Signer(fromHex(readFileSync(network.account, 'utf8').trim()));
  const journal = await diskJournal(temporaryFolder('bench-journal'));
  const payer = ed25519Payer(signer, 7);
  const folder = temporaryFolder('bench-got');
  let got = 0;
  return {
    parts,
    async put(data) {
      const begun = performance.now();
      const { file } = await putFile({ ...parts, tx: node.transactions, journal, payer, source: bytesSource(data), signal });
      return { ms: performance.now() - begun, root: file.root };
    },
    async get(root) {
      const begun = performance.now();
      const file = await new Submissions(node.chain).byRoot(root, signal);
      if (file === undefined) throw new Error('the file is not on the chain');
      const place = await diskPlace(join(folder, `${got++}`));
      await download({ ...parts, file, place, signal });
      await place.finish();
      return performance.now() - begun;
    },
    async stop() {
      await node.stop();
      await pool.close();
    },
  };
}

const urlOf = (network: Network, place = 0): string =>
  (network.nodes[place] as unknown as { readonly storage: { readonly url: string } }).storage.url.replace('0.0.0.0', '127.0.0.1');
const content = (length: number): Uint8Array => randomFillSync(new Uint8Array(length));

/** The best of theirs over ours, of each round: what one runs beside, the other does too. */
async function compare(
  what: string,
  ours: () => Promise<number>,
  theirs: readonly (() => Promise<readonly Answer[]>)[],
): Promise<number[]> {
  const ratios: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const own = await ours();
    const others: number[] = [];
    for (const way of theirs) others.push(...(await way()).map(({ ms }) => ms));
    console.log(`${what}: ours ${Math.round(own)} ms, the SDK ${others.map(Math.round)} ms`);
    ratios.push(Math.min(...others) / own);
  }
  return ratios;
}

async function withNetwork(nodes: number, use: (network: Network, client: Client) => Promise<void>): Promise<void> {
  const network = await startNetwork({ nodes });
  try {
    const client = await clientOf(network);
    try {
      await use(network, client);
    } finally {
      await client.stop();
    }
  } finally {
    await network.stop();
  }
}

async function downloads(nodes: number): Promise<number[]> {
  let found: number[] = [];
  await withNetwork(nodes, async (network, client) => {
    const { root } = await client.put(content(DOWNLOAD_BYTES));
    await client.get(root); // warm
    // the second in a process is warm too
    const roots = Array.from({ length: 2 }, () => `0x${toHex(root)}`);
    const request = { sdk: SDK, url: urlOf(network), roots };
    found = await compare(
      `download from ${nodes}`,
      () => client.get(root),
      [false, true].map((proof) => () => ask('download.mjs', { ...request, proof })),
    );
  });
  return found;
}

if (!existsSync(join(peer, 'node_modules', SDK))) {
  console.log('skipped: tests/peers/zerog is not installed (npm ci there); nothing is measured beside us');
} else {
  await withNetwork(4, async (network, client) => {
    const { address } = secp256k1Signer(fromHex(SECRET));
    const words = ['tx', 'transfer', toHex(address), '10', '--yes', '--chain', network.chain, '--key', network.account];
    const { code, output } = await runPerigee([...words, '--home', temporaryFolder('bench-tx')]);
    if (code !== 0) throw new Error(output);
    await client.put(content(UPLOAD_BYTES)); // warm
    let seed = 1;
    // by what the indexer lists, as an application would; and straight to the nodes, on which these segments fall evenly
    const direct = network.nodes.map((_, place) => urlOf(network, place));
    const ways = SETTINGS.flatMap((options) => [{ options }, { options, nodes: direct }]);
    const ratios = await compare(
      'upload',
      async () => (await client.put(content(UPLOAD_BYTES))).ms,
      ways.map((way) => () => {
        const files = [{ length: UPLOAD_BYTES, seed: seed++, secret: SECRET, ...way }];
        return ask('upload.mjs', { sdk: SDK, url: urlOf(network), files });
      }),
    );
    report('storage.upload_vs_sdk', '×', ratios);
  });
  report('storage.download1_vs_sdk', '×', await downloads(1));
  report('storage.download8_vs_sdk', '×', await downloads(8));
}
