/** 0G's own clients, unmodified, beside a node of ours: they pay, upload, and find their file; nobody pays twice. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { fileTreeOf, sectorsOf } from '@perigee/light-core/storage';
import { toHex } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernelHash, sampleBytes } from '../../../light-core/test/storage/sample.ts';
import { type PayingNetwork, SECTOR_PRICE, secretOf, startPayingNetwork } from './paying-network.ts';

const peer = fileURLToPath(new URL('../../../../tests/peers/zerog/', import.meta.url));
const LONG = process.env.PERIGEE_LONG === '1';
const SMALL = [1, 255, 256, 257, 262_143, 262_144, 262_145, 600_000, 4_456_449];
/** In a process of its own: while the client hashes it, it does not notice that connections of other uploads have ended. */
const LARGE = LONG ? [64 * 2 ** 20] : [];
const SIZES = [...SMALL, ...LARGE];
/** Of the bytes that each uploads: no file is both's. */
const SEEDS = [1, 0x5eed_0002];
const SDKS = ['@0gfoundation/0g-ts-sdk', '@0glabs/0g-ts-sdk'] as const;

interface Wanted {
  readonly length: number;
  readonly seed: number;
  readonly options?: Readonly<Record<string, unknown>>;
}

interface Uploaded {
  readonly root?: string;
  readonly txHash?: string;
  readonly error: string | null;
}

const accountOf = (sdk: string, length: number): string => `${sdk} ${length}`;

/** All at once, in a process of its own. */
async function upload(sdk: string, url: string, files: readonly Wanted[]): Promise<Uploaded[]> {
  const child = spawn(process.execPath, ['upload.mjs'], { cwd: peer, stdio: ['pipe', 'pipe', 'pipe'], timeout: 300_000 });
  const asked = files.map((file) => ({ ...file, secret: `0x${toHex(secretOf(accountOf(sdk, file.length)))}` }));
  child.stdin.end(JSON.stringify({ sdk, url, files: asked }));
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (out === '') throw new Error(errors.slice(-4_000));
  return JSON.parse(out);
}

async function bytesOf(url: string, root: string): Promise<Uint8Array> {
  const answer = await fetch(`${url}/file?root=${root}`);
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return new Uint8Array(await answer.arrayBuffer());
}

const missing = SDKS.find((sdk) => !existsSync(`${peer}node_modules/${sdk}`));
const name = missing === undefined ? '' : ` (skipped: ${missing} is not installed, npm ci in tests/peers/zerog)`;

describe.skipIf(missing !== undefined)(`clients of 0G Storage${name}`, () => {
  let network: PayingNetwork;
  let paid = 0n;
  let files = 0;
  beforeAll(async () => {
    network = await startPayingNetwork(SDKS.flatMap((sdk) => SIZES.map((length) => accountOf(sdk, length))));
  });
  afterAll(() => network.stop());

  it.each(SDKS.map((sdk, i) => [sdk, SEEDS[i] ?? 0] as const))(
    '%s stores a file of every size with one payment',
    async (sdk, seed) => {
      const hash = await kernelHash();
      const answers: Uploaded[] = [];
      for (const sizes of [SMALL, LARGE]) {
        if (sizes.length === 0) continue;
        answers.push(
          ...(await upload(
            sdk,
            network.url,
            sizes.map((length) => ({ length, seed })),
          )),
        );
      }
      for (const [i, length] of SIZES.entries()) {
        const data = sampleBytes(length, seed);
        const { root, nodes } = fileTreeOf(data, hash);
        expect(answers[i]).toMatchObject({
          root: `0x${toHex(root)}`,
          txHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
          error: null,
        });
        expect(Buffer.compare(await bytesOf(network.url, `0x${toHex(root)}`), data)).toBe(0);
        paid += BigInt(sectorsOf(nodes)) * SECTOR_PRICE;
        files += 1;
      }
      expect(network.flow()).toMatchObject({ submissions: files, pool: paid });
      expect(network.faults).toEqual([]);
    },
    LONG ? 900_000 : 300_000,
  );

  it.each(SDKS.map((sdk, i) => [sdk, SEEDS[i] ?? 0] as const))(
    '%s uploads a file again, and even where it submits it again nothing more is paid',
    async (sdk, seed) => {
      const before = network.flow();
      const again = { tags: '0x', finalityRequired: true, taskSize: 10, expectedReplica: 1, skipTx: false, fee: 0 };
      const wanted = [
        { length: 257, seed },
        { length: 600_000, seed, options: { ...again, skipIfFinalized: false } },
      ];
      const answers = await upload(sdk, network.url, wanted);
      expect(answers.map(({ error }) => error)).toEqual([null, null]);
      expect(answers[1]?.txHash).toMatch(/^0x[0-9a-f]{64}$/);
      expect(network.flow()).toEqual(before);
    },
    120_000,
  );
});
