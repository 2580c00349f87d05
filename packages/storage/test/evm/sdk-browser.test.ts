/** The browser build of 0G's client, unmodified, in Chromium: a page of another origin pays, uploads and downloads. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { fileTreeOf, nobleFileHash, sectorsOf } from '@perigee/light-core/storage';
import { toHex } from '@perigee/wire';
import { expect, test } from 'vitest';
import { chromiumObstacle, launchChromium } from '../../../../tests/kit/index.ts';
import { sampleBytes } from '../../../light-core/test/storage/sample.ts';
import { SECTOR_PRICE, secretOf, startPayingNetwork } from './paying-network.ts';

const modules = fileURLToPath(new URL('../../../../tests/peers/zerog/node_modules/', import.meta.url));
const SERVED: Readonly<Record<string, string>> = {
  '/sdk.js': `${modules}@0gfoundation/0g-ts-sdk/dist/zgstorage.esm.js`,
  '/ethers.js': `${modules}ethers/dist/ethers.min.js`,
};
/** The test's own imports are rewritten, and mean nothing in a page. */
const PAGE = '<!doctype html><title>page</title><script>globalThis.load = (path) => import(path);</script>';
const LENGTH = 600_000;

interface Transferred {
  readonly root?: string;
  readonly errors: readonly (string | null)[];
  readonly length?: number;
  readonly sha256?: string;
}

/** What of the two libraries the page uses. */
interface Sdk {
  readonly Indexer: new (
    url: string,
  ) => {
    upload(file: unknown, rpc: string, signer: unknown): Promise<[{ readonly rootHash: string }, Error | null]>;
    downloadToBlob(root: string): Promise<[Blob, Error | null]>;
  };
  readonly Blob: new (file: File) => unknown;
}
interface Ethers {
  readonly ethers: {
    readonly Wallet: new (secret: string, provider: unknown) => unknown;
    readonly JsonRpcProvider: new (url: string) => unknown;
  };
}

/** Runs in the page. */
async function transfer({ url, secret, base64 }: { url: string; secret: string; base64: string }): Promise<Transferred> {
  const { load } = globalThis as unknown as { load(path: string): Promise<Sdk & Ethers> };
  const [{ Indexer, Blob: SdkBlob }, { ethers }] = await Promise.all([load('/sdk.js'), load('/ethers.js')]);
  const bytes = await (await fetch(`data:application/octet-stream;base64,${base64}`)).arrayBuffer();
  const signer = new ethers.Wallet(secret, new ethers.JsonRpcProvider(url));
  const indexer = new Indexer(url);
  const [uploaded, error] = await indexer.upload(new SdkBlob(new File([bytes], 'file')), url, signer);
  if (error !== null) return { errors: [String(error)] };
  const [blob, failure] = await indexer.downloadToBlob(uploaded.rootHash);
  const got = await blob.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', got));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { root: uploaded.rootHash, errors: [error, failure && String(failure)], length: got.byteLength, sha256 };
}

test('the browser build of 0G’s client stores a file, and gets it back', async (context) => {
  if (!Object.values(SERVED).every(existsSync)) context.skip('not installed: npm ci in tests/peers/zerog');
  const obstacle = chromiumObstacle();
  if (obstacle !== undefined) context.skip(obstacle);
  const network = await startPayingNetwork(['page']);
  const server = createServer(({ url = '/' }, response) => {
    const path = SERVED[url];
    response.setHeader('Content-Type', path === undefined ? 'text/html' : 'text/javascript');
    response.end(path === undefined ? PAGE : readFileSync(path));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await launchChromium();
  try {
    const page = await browser.context.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const data = sampleBytes(LENGTH, 77);
    const { root, nodes } = fileTreeOf(data, nobleFileHash);
    const secret = `0x${toHex(secretOf('page'))}`;
    const asked = { url: network.url, secret, base64: Buffer.from(data).toString('base64') };
    expect(await page.evaluate(transfer, asked)).toEqual({
      root: `0x${toHex(root)}`,
      errors: [null, null],
      length: LENGTH,
      sha256: createHash('sha256').update(data).digest('hex'),
    });
    expect(network.flow()).toMatchObject({ submissions: 1, pool: BigInt(sectorsOf(nodes)) * SECTOR_PRICE });
    expect(network.faults).toEqual([]);
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
    await network.stop();
  }
});
