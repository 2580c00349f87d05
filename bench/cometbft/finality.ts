import { randomInt } from 'node:crypto';
import { toHex, txIdOf } from '../../packages/wire/src/index.ts';
import { ask } from '../../tests/cometbft/network.ts';
import { blocksAfter } from './load.ts';

/** A light client follows the chain, and transactions are handed in beside it. */
export interface Follower {
  /** Resolves when the mempool has it. */
  submit(tx: Uint8Array): Promise<void>;
  /** When each header was verified, lowest first; milliseconds since 1970. */
  readonly verified: readonly { readonly height: number; readonly atMs: number }[];
  stop(): Promise<void>;
}

/** The stages of one transaction, milliseconds; each begins where the one before ends. */
export interface Stages {
  /** Until the node that it was handed to has checked it. */
  readonly mempool: number;
  /** Until the validators have voted for a block that holds it. */
  readonly block: number;
  /** Until they have voted for the next one, whose header has the state after it. */
  readonly nextHeader: number;
  /** Until the light client has fetched and verified that header. */
  readonly verified: number;
}

/** Time between looks at whether a transaction is there, milliseconds. */
const LOOK_MS = 20;
/** Between transactions, so that they fall anywhere between two blocks, milliseconds. */
const MAX_PAUSE_MS = 400;

/** Hands in transactions one after another, each when the header after the one before is verified. */
export async function finality(rpc: string, follower: Follower, txs: readonly Uint8Array[]): Promise<Stages[]> {
  const first = follower.verified.at(-1)?.height ?? 0;
  const seen: { height: number; start: number; taken: number; end: number }[] = [];
  for (const tx of txs) {
    await pause(randomInt(MAX_PAUSE_MS));
    const start = now();
    await follower.submit(tx);
    const taken = now();
    const height = await heightOfTx(rpc, tx);
    seen.push({ height, start, taken, end: await verifiedAt(follower, height + 1) });
  }
  await verifiedAt(follower, (seen.at(-1)?.height ?? 0) + 3);
  const decided = new Map((await blocksAfter(rpc, Math.max(0, first - 1))).map(({ height, decidedMs }) => [height, decidedMs]));
  return seen.map(({ height, start, taken, end }) => {
    const [block, next] = [decided.get(height), decided.get(height + 1)];
    if (block === undefined || next === undefined) throw new Error(`block ${height} is not there`);
    return { mempool: taken - start, block: block - taken, nextHeader: next - block, verified: end - next };
  });
}

/** Milliseconds since 1970, with their fractions: headers have the time of the same clock. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

async function heightOfTx(rpc: string, tx: Uint8Array): Promise<number> {
  const hash = Buffer.from(txIdOf(tx)).toString('base64');
  for (;;) {
    await pause(LOOK_MS);
    const found = await ask<{ height: string; tx_result: { code: number } }>({ rpc }, 'tx', { hash }).catch(() => undefined);
    if (found === undefined) continue;
    if (found.tx_result.code !== 0) throw new Error(`transaction ${toHex(txIdOf(tx))} failed with code ${found.tx_result.code}`);
    return Number(found.height);
  }
}

async function verifiedAt({ verified }: Follower, height: number): Promise<number> {
  for (;;) {
    const found = verified.find((header) => header.height >= height);
    if (found !== undefined) return found.atMs;
    await pause(LOOK_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
