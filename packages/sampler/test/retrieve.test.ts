import { createHash, randomBytes } from 'node:crypto';
import { openRow } from '@perigee/wasm-codec';
import { PerigeeError, ROW_STATUS, type RowAnswer } from '@perigee/wire';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type RowLie, startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import { wrongBytes, wrongPath, wrongPrime } from '../../../tests/kit/adversaries/rows.ts';
import {
  afterRows,
  busyAtFirst,
  onlyFirst,
  refuseRows,
  silent,
  silentAboutRows,
  withholdRows,
} from '../../../tests/kit/adversaries/withhold.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { eventually } from '../../../tests/kit/eventually.ts';
import { termsOf } from '../../../tests/kit/local-network.ts';
import type { LightNode, LightNodeOptions, RetrieveProgress } from '../src/index.ts';
import { badlyCoded, colludeOn } from './bad-encoding.ts';
import { fastClock, networkOfFile, patientClock, peerOf, ready, testLight, withLiar } from './light.ts';
import { memorySink } from './memory-sink.ts';

const file = networkOfFile();
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** 256 original rows of 8 KiB: four holders with 256 rows each, none of them twice. */
const LENGTH = 2_000_000;
const K = 256;
const data = randomBytes(LENGTH);
let key: string;
beforeAll(async () => {
  key = (await file.network.publish(data)).key;
});

/** The first members lie as they are told, or are honest; the network finds them where they are now. */
function liars(lies: readonly (RowLie | undefined)[]) {
  const { network } = file;
  return Promise.all(
    lies.map((rows, i) => withLiar(startMemberLiar(network, network.member(i), rows === undefined ? {} : { rows }))),
  );
}

/** Gives the parity rows of a blob, whoever else has it. */
function parityOf({ k, rows, rowSize, tree, rowRoot, rlcOriginal }: Awaited<ReturnType<typeof badlyCoded>>): RowLie {
  const proof = (index: number) => ({
    index,
    row: rows.subarray(index * rowSize, (index + 1) * rowSize),
    path: openRow(tree, index),
  });
  return () =>
    async function* ({ indices, prime }): AsyncGenerator<RowAnswer> {
      if (prime) yield { prime: { rowRoot, rlcOriginal }, status: ROW_STATUS.row };
      for (const index of indices) {
        if (index < k) yield { index, status: ROW_STATUS.refused };
        else yield { index, status: ROW_STATUS.row, proof: proof(index) };
      }
    };
}

/** A light node that finds the members by their records alone. */
async function nodeAmong(count = 4, options: Partial<LightNodeOptions> = {}): Promise<LightNode> {
  return ready(await testLight(file.network, [file.network.chainHost], options), count);
}

async function retrieved(node: LightNode) {
  const sink = memorySink();
  const got = await node.retrieve(key, { sink });
  expect(sink.state).toBe('closed');
  expect(sha256(sink.bytes())).toBe(sha256(data));
  expect(got).toMatchObject({ blobId: key, length: LENGTH, sha256: sha256(data) });
  return got;
}

describe('retrieval', () => {
  it.each([1, 64 * 120, 20_000, 5_000_000])('%d bytes come back as they were', async (length) => {
    const { network } = file;
    const bytes = randomBytes(length);
    const published = await network.publish(bytes);
    const node = await ready(await testLight(network));
    const sink = memorySink();
    expect(await node.retrieve(published.key, { sink })).toMatchObject({ length, sha256: sha256(bytes) });
    expect(sha256(sink.bytes())).toBe(sha256(bytes));
  });

  it('asks for the originals, and tells how it goes on', async () => {
    const node = await ready(await testLight(file.network, undefined, { clock: patientClock() }));
    const told: RetrieveProgress[] = [];
    const sink = memorySink();
    const got = await node.retrieve(key, { sink, onProgress: (progress) => told.push(progress) });
    expect(got).toMatchObject({ rows: K, originals: K });
    expect(got.bytesIn).toBeGreaterThan(LENGTH);
    expect(got.bytesIn).toBeLessThan(1.1 * LENGTH);
    expect([...new Set(told.map(({ stage }) => stage))]).toEqual(['prove', 'rows', 'compare', 'write', 'done']);
    expect(node.state.events.filter(({ kind }) => kind === 'retrieved')).toMatchObject([
      { about: key, data: { length: LENGTH } },
    ]);
    expect(told.at(-1)).toMatchObject({ rows: K, needed: K, bytesIn: got.bytesIn });
  });

  it('makes it of parity alone, where no original is left', async () => {
    await liars(Array(4).fill(withholdRows(new Set(Array(K).keys()))));
    const got = await retrieved(await nodeAmong());
    expect(got).toMatchObject({ originals: 0 });
  });

  it('goes on without one of four', async () => {
    const [gone] = await liars([undefined]);
    await gone?.stop();
    const got = await retrieved(await nodeAmong(3));
    expect(got.originals).toBeLessThan(K);
  });

  it('goes on when one dies in the middle', async () => {
    const dying: { stop?: () => void } = {};
    const [liar] = await liars([afterRows(10, () => dying.stop?.())]);
    dying.stop = () => void liar?.stop();
    await retrieved(await nodeAmong());
  });

  it.each<[string, RowLie]>([
    ['wrong bytes', wrongBytes],
    ['wrong paths', wrongPath],
  ])('bans who sends %s, and has the rest of others', async (_what, lie) => {
    // about rows only: who lies about the prime too is banned before, or not asked
    const [liar] = await liars([(honest) => (request, context) => (request.prime ? honest : lie(honest))(request, context)]);
    // who is late is done without, and what comes after that is not looked at
    const node = await nodeAmong(4, { clock: patientClock() });
    await retrieved(node);
    await eventually(() => expect(liar && peerOf(node, liar.host)?.banned).toEqual(expect.any(String)));
  });

  it('has the prime of another when one sends a wrong one', async () => {
    await liars([wrongPrime, wrongPrime, wrongPrime]);
    await retrieved(await nodeAmong());
  });

  it.each<[string, RowLie]>([
    ['says nothing', silent],
    ['says nothing about rows', silentAboutRows],
    ['falls silent', afterRows(20)],
    ['ends its answers early', onlyFirst(5)],
    ['refuses', refuseRows('refused')],
    ['is busy at first', busyAtFirst(1)],
    ['is busy for ever', refuseRows('busy')],
  ])('has the rest of others when one %s, and bans nobody', async (_what, lie) => {
    await liars([lie]);
    const node = await nodeAmong();
    await retrieved(node);
    expect(node.state.peers.filter(({ banned }) => banned !== undefined)).toEqual([]);
  });

  it('believes no peer that says that the signers certified another row root', async () => {
    const slander: RowLie = (honest) => (request, context) => {
      if (request.prime) throw new PerigeeError('ROW_ROOT_MISMATCH', 'the prime has another row root than the certificate');
      return honest(request, context);
    };
    await liars(Array(4).fill(slander));
    const node = await nodeAmong(4, { clock: fastClock() });
    const sink = memorySink();
    expect(await codeOfPromise(node.retrieve(key, { sink }))).toBe('UNREACHABLE');
    expect(sink.state).toBe('aborted');
    expect(await codeOfPromise(node.sample(key))).not.toBe('ROW_ROOT_MISMATCH');
    expect(node.state.evidence).toEqual([]);
    expect(node.state.blobs.map(({ outcome }) => outcome)).not.toContain('badEncoding');
    expect(node.state.peers.filter(({ banned }) => banned !== undefined)).toEqual([]);
  });

  it('is had of the fourth when three lie', async () => {
    const found = await liars([wrongBytes, wrongBytes, wrongBytes]);
    // who is late is done without, and what comes after that is not looked at
    const node = await nodeAmong(4, { clock: patientClock() });
    await retrieved(node); // it holds K rows by itself
    for (const { host } of found) await eventually(() => expect(peerOf(node, host)?.banned).toEqual(expect.any(String)));
  });

  it('says of whom it had how many rows when they are too few', async () => {
    await liars(Array(4).fill(withholdRows(new Set([...Array(4 * K).keys()].filter((index) => index % 5 !== 0)))));
    const node = await nodeAmong();
    const sink = memorySink();
    const error = await node.retrieve(key, { sink }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'NOT_ENOUGH_ROWS', data: { have: 205, need: K } });
    expect(error.message).toMatch(/205 of the 256 .* from [0-9a-f]{40}/);
    expect(sink.state).toBe('aborted');
    expect(sink.bytes()).toHaveLength(0);
  });

  it('refuses a blob that was encoded wrongly', async () => {
    const { network } = file;
    const coded = await badlyCoded(1);
    const id = await network.certify(termsOf(coded, coded.length));
    await colludeOn(network, coded);
    const node = await nodeAmong();
    const sink = memorySink();
    await node.sample(id).catch(() => {});
    expect(await codeOfPromise(node.retrieve(id, { sink }))).toBe('COMMITMENT_MISMATCH');
    expect(sink.state).toBe('aborted');
    expect(node.state.blobs[0]).toMatchObject({ blobId: id, outcome: 'badEncoding' });
  });

  it('keeps what convicts the signers, though nobody has sampled it', async () => {
    const { network } = file;
    const coded = await badlyCoded(2);
    const id = await network.certify(termsOf(coded, coded.length));
    await liars(Array(4).fill(parityOf(coded))); // with all originals no row would show it
    const node = await nodeAmong();
    expect(await codeOfPromise(node.retrieve(id, { sink: memorySink() }))).toBe('COMMITMENT_MISMATCH');
    expect(node.state.evidence).toMatchObject([{ blobId: id }]);
    expect((await node.evidence(id)).length).toBeGreaterThan(0);
  });

  it('aborts the sink whatever stops it', async () => {
    const node = await nodeAmong();
    const unknown = memorySink();
    expect(await codeOfPromise(node.retrieve(`00${'11'.repeat(32)}`, { sink: unknown }))).toBe('NOT_FOUND');
    const noId = memorySink();
    expect(await codeOfPromise(node.retrieve('00', { sink: noId }))).toBe('PARSE');
    const full = { ...memorySink(), write: () => Promise.reject(new Error('no room')) };
    const aborted = vi.spyOn(full, 'abort');
    expect(await codeOfPromise(node.retrieve(key, { sink: full }))).toBe('INTERNAL');
    expect(aborted).toHaveBeenCalledOnce();
    const stop = new AbortController();
    const given = memorySink();
    const onProgress = ({ rows }: RetrieveProgress): void => {
      if (rows > 0) stop.abort();
    };
    expect(await codeOfPromise(node.retrieve(key, { sink: given, signal: stop.signal, onProgress }))).toBe('ABORTED');
    const late = memorySink();
    const stopped = codeOfPromise(node.retrieve(key, { sink: late }));
    await node.stop();
    expect(await stopped).toBe('ABORTED');
    for (const sink of [unknown, noId, given, late]) expect(sink.state).toBe('aborted');
    expect(await codeOfPromise(node.retrieve(key, { sink: memorySink() }))).toBe('ABORTED');
  });

  it('takes turns with a second one, which may give up waiting', async () => {
    const node = await nodeAmong();
    const stop = new AbortController();
    const waiting = memorySink();
    const both = [retrieved(node), retrieved(node)];
    const third = codeOfPromise(node.retrieve(key, { sink: waiting, signal: stop.signal }));
    stop.abort();
    expect(await third).toBe('ABORTED');
    expect(waiting.state).toBe('aborted');
    await Promise.all(both);
  });
});
