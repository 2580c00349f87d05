import { join } from 'node:path';
import type { Application, Request, Response } from '@perigee/chain/abci';
import { describe, expect, it } from 'vitest';
import { type Random, randomOf, temporaryFolder } from '../../../../tests/kit/index.ts';
import { KeyValue } from './key-value.ts';
import { requests } from './samples.ts';
import { info, serve } from './serve.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const REQUESTS = LONG ? 20_000 : 2_000;

/** An application of which each call takes its own time, and that sees who runs beside whom. */
function observed(random: Random) {
  const app: Application = new KeyValue();
  const seen = { exclusive: 0, mostExclusive: 0, beside: 0, finalized: [] as string[] };
  const slowly = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let turns = random.below(4); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    return work();
  };
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    seen.exclusive += 1;
    seen.mostExclusive = Math.max(seen.mostExclusive, seen.exclusive);
    try {
      return await slowly(work);
    } finally {
      seen.exclusive -= 1;
    }
  };
  const beside = <T>(work: () => Promise<T>): Promise<T> => {
    if (seen.exclusive > 0) seen.beside += 1;
    return slowly(work);
  };
  const watched: Application = {
    info: () => alone(() => app.info()),
    initChain: (request) => alone(() => app.initChain(request)),
    checkTx: (request) => beside(() => app.checkTx(request)),
    // tells which one it was
    query: (request) => beside(async () => ({ ...(await app.query(request)), key: request.data })),
    prepareProposal: (request) => alone(() => app.prepareProposal(request)),
    processProposal: (request) => alone(() => app.processProposal(request)),
    finalizeBlock: (request) =>
      alone(() => {
        seen.finalized.push(Buffer.from(request.hash).toString());
        return app.finalizeBlock(request);
      }),
    commit: () => alone(() => app.commit()),
    extendVote: (request) => alone(() => app.extendVote(request)),
    verifyVoteExtension: (request) => alone(() => app.verifyVoteExtension(request)),
    listSnapshots: () => beside(() => app.listSnapshots()),
    offerSnapshot: (request) => alone(() => app.offerSnapshot(request)),
    loadSnapshotChunk: (request) => beside(async () => ({ chunk: Buffer.from(`${request.chunk}`) })),
    applySnapshotChunk: (request) =>
      alone(async () => ({ ...(await app.applySnapshotChunk(request)), refetchChunks: [request.index] })),
  };
  return { app: watched, seen };
}

/** A request, and how its answer is known from all others. */
interface Marked {
  readonly request: Request;
  readonly isAnswer: (response: Response) => boolean;
}

/** What each of CometBFT's four connections asks for, and what any may. */
const ASKED: Readonly<Record<string, (mark: number, random: Random) => Marked>> = {
  flush: () => ({ request: { flush: {} }, isAnswer: ({ flush }) => flush !== undefined }),
  echo: (mark) => ({ request: { echo: { message: `${mark}` } }, isAnswer: ({ echo }) => echo?.message === `${mark}` }),
  info: () => ({ request: info, isAnswer: ({ info: answer }) => answer?.data === 'key-value' }),
  checkTx: (mark) => ({
    request: { checkTx: { tx: Buffer.from(mark % 2 === 0 ? `k${mark}=v` : 'nonsense'), type: 'new' } },
    isAnswer: ({ checkTx }) => checkTx?.code === mark % 2,
  }),
  query: (mark) => ({
    request: { query: { data: Buffer.from(`${mark}`), path: '/', height: 0, prove: false } },
    isAnswer: ({ query }) => Buffer.from(query?.key ?? []).toString() === `${mark}`,
  }),
  loadSnapshotChunk: (mark) => ({
    request: { loadSnapshotChunk: { height: 1, format: 1, chunk: mark } },
    isAnswer: ({ loadSnapshotChunk }) => Buffer.from(loadSnapshotChunk?.chunk ?? []).toString() === `${mark}`,
  }),
  applySnapshotChunk: (mark) => ({
    request: { applySnapshotChunk: { index: mark, chunk: Buffer.alloc(10), sender: '' } },
    isAnswer: ({ applySnapshotChunk }) => applySnapshotChunk?.refetchChunks[0] === mark,
  }),
  prepareProposal: (mark) => ({
    request: { prepareProposal: { ...prepare, txs: [Buffer.from(`${mark}`)] } },
    isAnswer: ({ prepareProposal }) => Buffer.from(prepareProposal?.txs[0] ?? []).toString() === `${mark}`,
  }),
  finalizeBlock: (mark, random) => {
    const txs = Array.from({ length: random.below(5) }, (_, i) => Buffer.from(`${i}=${mark}`));
    return {
      request: { finalizeBlock: { ...block, txs, hash: Buffer.from(`${mark}`) } },
      isAnswer: ({ finalizeBlock }) => finalizeBlock?.txResults.length === txs.length,
    };
  },
  commit: () => ({ request: { commit: {} }, isAnswer: ({ commit }) => commit !== undefined }),
};
const prepare = requests.prepareProposal?.prepareProposal ?? expect.unreachable();
const block = requests.finalizeBlock?.finalizeBlock ?? expect.unreachable();
const CONNECTIONS = [
  ['prepareProposal', 'finalizeBlock', 'commit', 'flush', 'echo'],
  ['checkTx', 'flush'],
  ['query', 'info', 'echo', 'flush'],
  ['loadSnapshotChunk', 'applySnapshotChunk', 'flush'],
];

describe.each([
  ['unix', () => `unix://${join(temporaryFolder('abci'), 'app.sock')}`],
  ['TCP', () => 'tcp://127.0.0.1:0'],
])('four connections over %s', (_, addressOf) => {
  it(`${REQUESTS} requests in any order and any pieces: each connection has its answers in order, and one call at a time changes the state`, async ({
    onTestFailed,
  }) => {
    const random = randomOf(onTestFailed);
    const { app, seen } = observed(random);
    const served = await serve(app, { address: addressOf() });
    const finalized: string[] = [];
    await Promise.all(
      CONNECTIONS.map(async (kinds) => {
        const client = await served.connect();
        let mark = 0;
        while (mark < REQUESTS / CONNECTIONS.length) {
          // one after another, or many at once
          const sent = Array.from({ length: random.pick([1, 1, 2, 20, 300]) }, () => {
            mark += 1;
            const kind = random.pick(kinds);
            if (kind === 'finalizeBlock') finalized.push(`${mark}`);
            return ASKED[kind]?.(mark, random) ?? expect.unreachable(kind);
          });
          for (let at = 0; at < sent.length; ) {
            const some = sent.slice(at, at + random.between(1, 50));
            client.send(...some.map(({ request }) => request));
            if (random.chance(0.3)) await new Promise((resolve) => setImmediate(resolve));
            at += some.length;
          }
          for (const { request, isAnswer } of sent) {
            const answer = await client.next();
            if (!isAnswer(answer)) expect(answer, 'is the answer to').toEqual(request);
          }
        }
      }),
    );
    expect(seen.mostExclusive).toBe(1);
    // transactions and queries did not wait for blocks
    expect(seen.beside).toBeGreaterThan(0);
    expect(seen.finalized).toEqual(finalized);
  });

  it('answers Flush at once in its place, as CometBFT waits for it after each call', async ({ onTestFailed }) => {
    const { app } = observed(randomOf(onTestFailed));
    const served = await serve(app, { address: addressOf() });
    const client = await served.connect();
    client.send({ flush: {} }, info, { flush: {} }, { flush: {} }, { echo: { message: 'x' } }, { flush: {} });
    const kinds = [];
    for (let i = 0; i < 6; i++) kinds.push(...Object.keys(await client.next()));
    expect(kinds).toEqual(['flush', 'info', 'flush', 'flush', 'echo', 'flush']);
  });
});
