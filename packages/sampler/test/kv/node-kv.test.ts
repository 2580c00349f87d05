/** Streams through a whole light node: what honest peers prove, and what liars do not. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatTrustRoot, parseTrustRoot } from '@perigee/light-core/comet';
import type { KvWrite } from '@perigee/light-core/kv';
import { fromUtf8, PerigeeError, toHex, utf8 } from '@perigee/wire';
import { beforeAll, describe, expect, it, onTestFailed, onTestFinished } from 'vitest';
import {
  endlessChanges,
  forgedValue,
  hole,
  missingProof,
  missingSaidPresent,
  oldRoot,
  otherChanges,
  otherStream,
  presentSaidMissing,
  sameHeight,
  silentAboutChanges,
} from '../../../../tests/kit/adversaries/kv.ts';
import { type KvLie, startChainLiar } from '../../../../tests/kit/adversaries/liar.ts';
import { eventually } from '../../../../tests/kit/eventually.ts';
import { randomOf, startProcess, temporaryFolder } from '../../../../tests/kit/index.ts';
import type { LightNode } from '../../src/index.ts';
import type { KvReading, KvStream } from '../../src/kv/index.ts';
import { networkOfFile, patientClock, peerOf, ready, testLight, until, withLiar } from '../light.ts';

const STREAM = new Uint8Array(32).fill(0xf2);
const OTHER = new Uint8Array(32).fill(0xf3);
const NAMES = ['a', 'b', 'ba', 'bb', 'c'];
const LONG = process.env.PERIGEE_LONG === '1';
const job = fileURLToPath(new URL('../../../../dist/test/jobs/watch-memory.job.js', import.meta.url));
/** Changes that a watch is told, those of one block, and after how many parts it says how much memory it has. */
const [CHANGES, TOGETHER, PARTS] = LONG ? [100_000, 500, 5] : [2_000, 100, 4];

/** What the job says. */
interface WatchReport {
  readonly told: number;
  readonly keys: number;
  readonly digest: string;
  readonly heapKib: number;
  readonly rssKib: number;
}

const file = networkOfFile({ blockMs: 100, genesis: { storage: { pricePerSector: 1n }, kv: { depositPerByte: 1n } } });
const write = (key: string, value: string, stream = STREAM): KvWrite => ({ stream, key: utf8(key), value: utf8(value) });
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && fromUtf8(bytes);
const told = ({ key, value }: KvReading): string => `${text(key)}=${text(value)}`;

beforeAll(async () => {
  await file.network.writeStreams(NAMES.map((name) => write(name, `first ${name}`)));
  await file.network.writeStreams(['a', 'b', 'z'].map((name) => write(name, 'of another', OTHER)));
  await file.network.writeStreams(NAMES.map((name) => write(name, `value ${name}`)));
});

async function streamOf(node: Promise<LightNode>, id = STREAM): Promise<KvStream> {
  return (await ready(await node)).kv(id);
}

/** Why a read was refused: what the last peer that answered did wrong. */
async function refusal(read: Promise<unknown>): Promise<string> {
  const error = await read.then(
    () => new PerigeeError('INTERNAL', 'it was taken'),
    (thrown: unknown) => PerigeeError.from(thrown),
  );
  return `${error.code}, ${error.cause instanceof PerigeeError ? error.cause.code : 'without a cause'}`;
}

describe('a light node', () => {
  it('reads values, absences, neighbours and ranges, each proved', async () => {
    // that a second peer shows a header too is not waited for very long
    const stream = await streamOf(testLight(file.network, undefined, { clock: patientClock() }));
    const read = await stream.get(utf8('a'));
    expect(read).toMatchObject({ value: utf8('value a'), source: 'network' });
    expect(read.proof?.bytes).toBeGreaterThan(100);
    expect((await stream.get(utf8('a'), { policy: 'cached' })).source).toBe('memory');
    const many = await stream.getMany(['c', 'none', 'b'].map(utf8));
    expect(many.map(({ value }) => text(value))).toEqual(['value c', undefined, 'value b']);
    expect(await stream.next(utf8('b'))).toMatchObject({ key: utf8('ba') });
    expect(await stream.next(utf8('b'), { inclusive: true })).toMatchObject({ key: utf8('b') });
    expect(await stream.next()).toMatchObject({ key: utf8('a') });
    expect(await stream.next(utf8('c'))).toBeUndefined();
    expect(await stream.previous()).toMatchObject({ key: utf8('c') });
    expect(await stream.previous(utf8('a'))).toBeUndefined();
    const all = await stream.range();
    expect([all.entries.map(told), all.complete]).toEqual([NAMES.map((name) => `${name}=value ${name}`), true]);
    const names = async (options: Parameters<KvStream['range']>[0]) => {
      const { entries, complete } = await stream.range(options);
      return [entries.map(({ key }) => text(key)).join(), complete];
    };
    expect(await names({ prefix: utf8('b') })).toEqual(['b,ba,bb', true]);
    expect(await names({ prefix: utf8('b'), after: utf8('b'), limit: 1 })).toEqual(['ba', false]);
    expect(await names({ from: utf8('bb'), reverse: true })).toEqual(['c,bb', true]);
    expect(await names({ below: utf8('ba') })).toEqual(['a,b', true]);
    expect(await names({ prefix: utf8('x') })).toEqual(['', true]);
  });

  it('refuses what cannot be asked', async () => {
    const node = await ready(await testLight(file.network));
    const stream = node.kv(STREAM);
    for (const limit of [0, 257, 1.5]) await expect(stream.range({ limit })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    for (const key of [new Uint8Array(0), new Uint8Array(1_025)]) {
      await expect(stream.get(key)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(stream.next(key)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    await expect(node.kv(new Uint8Array(31)).get(utf8('a'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(() => node.kv('no stream')).toThrow();
  });

  it('keeps what it read for the next visit', async () => {
    const directory = temporaryFolder('kv-visit');
    const first = await testLight(file.network, undefined, { store: { directory }, clock: patientClock() });
    await (await ready(first)).kv(STREAM).getMany(NAMES.map(utf8));
    await first.stop();
    const second = await testLight(file.network, [], { store: { directory } });
    const stream = second.kv(STREAM);
    expect(await stream.get(utf8('a'), { policy: 'cached' })).toMatchObject({ value: utf8('value a'), source: 'device' });
    expect((await stream.kept(10)).map(told)).toEqual(NAMES.map((name) => `${name}=value ${name}`));
    expect(await refusal(stream.get(utf8('a')))).toBe('UNPROVEN, without a cause');
  });
});

describe('what a stream held before', () => {
  const PAST = new Uint8Array(32).fill(0xf4);
  const FAR = 40;
  /** Headers under which each value was the latest. */
  const written: number[] = [];

  beforeAll(async () => {
    for (const value of ['one', 'two', '']) written.push(1 + (await file.network.writeStreams([write('past', value, PAST)])));
    await file.network.untilHeight((written.at(-1) ?? 0) + FAR);
  });

  const past = async (stream: KvStream, height: number) => {
    const [one, none] = await stream.getMany(['past', 'never'].map(utf8), { height });
    expect([one?.height, none?.height, none?.value]).toEqual([height, height, undefined]);
    return text(one?.value);
  };

  it('is read under headers by which the trust root vouches, and under those before the head', async () => {
    const { network } = file;
    const stream = await streamOf(testLight(network), PAST);
    const [first = 0, second = 0, third = 0] = written;
    expect(await past(stream, first - 1)).toBeUndefined();
    expect(await past(stream, first)).toBe('one');
    expect(await past(stream, second)).toBe('two');
    expect(await past(stream, third)).toBeUndefined();
    const height = 1 + (await network.writeStreams([write('past', 'again', PAST)]));
    await network.untilHeight(height + 3);
    await eventually(async () => expect(await past(stream, height)).toBe('again'));
    expect(await past(stream, height - 1)).toBeUndefined();
    // what is kept is what is known to be so now
    expect(await stream.get(utf8('past'), { policy: 'cached' })).toMatchObject({ value: utf8('again') });
  });

  it('is read under headers before the trust root', async () => {
    const { network } = file;
    const [first = 0, , third = 0] = written;
    const { peers } = parseTrustRoot(network.trustRoot());
    const { header, commit } = network.chain.lightBlock(third).block.signedHeader ?? {};
    const trustRoot = formatTrustRoot({
      chainId: network.chain.chainId,
      genesisHash: network.genesisHash,
      height: third,
      headerHash: commit?.blockId.hash ?? new Uint8Array(32),
      time: header?.time ?? { seconds: 0, nanos: 0 },
      peers,
    });
    expect(await past(await streamOf(testLight(network, undefined, { trustRoot }), PAST), first)).toBe('one');
  });

  it('is refused with a forged value, with that of another height, and where nobody can prove it', async () => {
    const { network } = file;
    const [height = 0] = written;
    for (const kv of [forgedValue, oldRoot]) {
      const liar = await withLiar(startChainLiar(network, { kv }));
      const alone = await testLight(network, [liar.host]);
      await until(alone, ({ head }) => (head?.height ?? 0) > height + FAR - 5);
      expect(await refusal(alone.kv(PAST).get(utf8('past'), { height }))).toBe('UNPROVEN, PROOF_ROOT');
      expect(peerOf(alone, liar.host)?.banned).toBeDefined();
    }
    const pruned: KvLie = () => () => {
      throw new PerigeeError('PRUNED', 'that state is kept no more');
    };
    const forgetful = await withLiar(startChainLiar(network, { kv: pruned }));
    const alone = await testLight(network, [forgetful.host]);
    await until(alone, ({ head }) => (head?.height ?? 0) > height + FAR - 5);
    expect(await refusal(alone.kv(PAST).get(utf8('past'), { height }))).toBe('PRUNED, without a cause');
    expect(peerOf(alone, forgetful.host)?.banned).toBeUndefined();
  });

  it('is refused for what is no such height', async () => {
    const stream = await streamOf(testLight(file.network), PAST);
    for (const height of [-1, 0, 1, 1.5, Number.NaN]) {
      await expect(stream.get(utf8('past'), { height })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    await expect(stream.get(utf8('past'), { height: 5, policy: 'latest' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(stream.get(utf8('past'), { height: 1e9 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a peer that lies about a stream', () => {
  const get = (key: string) => (stream: KvStream) => stream.get(utf8(key));
  const range = (stream: KvStream) => stream.range();
  it.each<[string, KvLie, (stream: KvStream) => Promise<unknown>, string]>([
    ['a forged value', forgedValue, get('a'), 'PROOF_ROOT'],
    ['an old root presented as current', oldRoot, get('a'), 'PROOF_ROOT'],
    ['a present key claimed missing', presentSaidMissing, get('a'), 'PROOF'],
    ['a missing key claimed present', missingSaidPresent, get('aa'), 'PROOF_ROOT'],
    ['one proof too few', missingProof, get('a'), 'PROOF'],
    ['the wrong stream', otherStream(OTHER), get('a'), 'PROOF'],
    ['a range with a hole', hole, range, 'PROOF'],
    ['a range with a forged value', forgedValue, range, 'PROOF_ROOT'],
    ['an old range', oldRoot, range, 'PROOF_ROOT'],
    ['a range of the wrong stream', otherStream(OTHER), range, 'PROOF'],
  ])('%s: is refused and banned', async (_what, kv, read, code) => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { kv }));
    const alone = await testLight(network, [liar.host]);
    await until(alone, ({ head, chain }) => head !== undefined && chain?.development === true);
    expect(await refusal(read(alone.kv(STREAM)))).toBe(`UNPROVEN, ${code}`);
    expect(peerOf(alone, liar.host)?.banned).toBeDefined();
  });

  it('does not keep the node from what an honest one proves', async () => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { kv: forgedValue }));
    const stream = await streamOf(testLight(network, [liar.host, network.chainHost]));
    expect(text((await stream.get(utf8('a'))).value)).toBe('value a');
    expect((await stream.range()).entries.map(told)).toEqual(NAMES.map((name) => `${name}=value ${name}`));
  });
});

describe('a watch', () => {
  it('of a key tells its value and each change, and keeps them', async () => {
    const { network } = file;
    const stream = await streamOf(testLight(network));
    const seen: (string | undefined)[] = [];
    onTestFinished(stream.watch({ key: utf8('watched') }, ({ value }) => seen.push(text(value))));
    await eventually(() => expect(seen).toEqual([undefined]));
    for (const value of ['one', 'two', '']) {
      await network.writeStreams([write('watched', value), write('watched not', value)]);
      await eventually(() => expect(seen.at(-1)).toBe(value === '' ? undefined : value));
    }
    expect(seen).toEqual([undefined, 'one', 'two', undefined]);
    const cached = await stream.get(utf8('watched'), { policy: 'cached' });
    expect(cached).toMatchObject({ value: undefined, source: 'memory' });
  });

  it('of a prefix tells what changed since a range was read, deletions too, and nothing else', async () => {
    const { network } = file;
    const stream = await streamOf(testLight(network));
    const { height } = await stream.range({ prefix: utf8('w/') });
    await network.writeStreams([write('w/1', 'one'), write('x', 'no')]);
    const seen: string[] = [];
    onTestFinished(stream.watch({ prefix: utf8('w/') }, (reading) => seen.push(told(reading)), { since: height }));
    await eventually(() => expect(seen).toEqual(['w/1=one']));
    await network.writeStreams([write('w/1', ''), write('w/2', 'two'), write('a', 'value a')]);
    await eventually(() => expect(seen).toEqual(['w/1=one', 'w/1=undefined', 'w/2=two']));
  });

  it('more of them than a peer serves are looked after all the same', async () => {
    const { network } = file;
    const stream = await streamOf(testLight(network));
    const seen = new Map<string, string | undefined>();
    const names = Array.from({ length: 6 }, (_, i) => `many/${i}`);
    for (const name of names) {
      onTestFinished(stream.watch({ key: utf8(name) }, ({ value }) => seen.set(name, text(value))));
    }
    await network.writeStreams(names.map((name) => write(name, 'written')));
    await eventually(() => expect([...seen.values()]).toEqual(Array(6).fill('written')));
    await stream.range({ limit: 1 }); // and leave room for questions
  });

  it('is told the truth about a key though its peer leaves changes out', async () => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { kv: silentAboutChanges }));
    const node = await testLight(network, [liar.host]);
    await until(node, ({ head }) => head !== undefined);
    const seen: (string | undefined)[] = [];
    onTestFinished(node.kv(STREAM).watch({ key: utf8('hidden') }, ({ value }) => seen.push(text(value))));
    await eventually(() => expect(seen).toEqual([undefined]));
    await network.writeStreams([write('hidden', 'told')]);
    await eventually(() => expect(seen).toEqual([undefined, 'told']));
  });

  it.each<[string, KvLie]>([
    ['a change again and again', endlessChanges],
    ['that a height is done, and once more', sameHeight],
    ['changes of other keys', otherChanges],
    ['forged changes', forgedValue],
  ])('of a peer that tells %s: bans it', async (_what, kv) => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { kv }));
    const node = await testLight(network, [liar.host]);
    await until(node, ({ head }) => head !== undefined);
    const seen = new Set<string>();
    onTestFinished(node.kv(STREAM).watch({ prefix: utf8('told/') }, (reading) => seen.add(told(reading))));
    await eventually(async () => {
      await network.writeStreams([write('told/1', `${Date.now()}`), write('untold', `${Date.now()}`)]);
      expect(peerOf(node, liar.host)?.banned).toBeDefined();
    });
    expect([...seen].every((one) => /^told\/1=\d+$/.test(one))).toBe(true);
  });

  it('that is lied to bans the liar and goes on with another', async () => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { kv: forgedValue }));
    const node = await ready(
      await testLight(network, [liar.host, network.chainHost, ...network.members.map(({ host }) => host)]),
    );
    const seen: string[] = [];
    const stops = [0, 1].map(() => node.kv(STREAM).watch({ prefix: utf8('lie/') }, (reading) => seen.push(told(reading))));
    for (const stop of stops) onTestFinished(stop);
    await eventually(async () => {
      await network.writeStreams([write('lie/1', `${Date.now()}`)]);
      expect(seen.length).toBeGreaterThan(1);
    });
    await network.writeStreams([write('lie/2', 'right')]);
    await eventually(() => expect(seen.filter((one) => one === 'lie/2=right')).toHaveLength(2));
    expect(seen.every((one) => /^lie\/(1=\d+|2=right)$/.test(one))).toBe(true);
  });

  it(`loses none of ${LONG ? '100,000' : '2,000'} changes, and keeps nothing of them in memory`, {
    timeout: LONG ? 1_200_000 : 240_000,
  }, async () => {
    const { network } = file;
    const random = randomOf(onTestFailed);
    const id = new Uint8Array(32).fill(0xf5);
    await network.writeStreams([write('report', 'begun', id)]);
    const trustRoot = join(temporaryFolder('watch'), 'trust root');
    writeFileSync(trustRoot, network.trustRoot());
    const child = startProcess(job, [trustRoot, toHex(id)]);
    onTestFinished(async () => void (await child.stop()));
    await child.ready();
    const latest = new Map<string, string>();
    const reports: WatchReport[] = [];
    let changes = 0;
    for (let part = 1; part <= PARTS; part++) {
      for (let written = 0; written < CHANGES / PARTS; written += TOGETHER) {
        // only what is there can be deleted: a deletion of nothing is no change
        const names = new Set<string>();
        while (names.size < TOGETHER) names.add(`load/${random.below(2 * TOGETHER)}`);
        const writes = [...names].map((name) => {
          const value = latest.has(name) && random.chance(0.1) ? '' : `${part} ${written} ${random.below(1e6)}`;
          if (value === '') latest.delete(name);
          else latest.set(name, value);
          return write(name, value, id);
        });
        await network.writeStreams(writes);
        changes += writes.length;
      }
      // a change of a later block: what was before has been told then
      await network.writeStreams([write('report', `${part}`, id)]);
      const [, json = ''] = await child.line(new RegExp(`^REPORT ${part} (.*)$`), 60_000);
      const report = JSON.parse(json) as WatchReport;
      reports.push(report);
      const lines = [...latest].map(([name, value]) => `${name}=${value}`).sort();
      const digest = createHash('sha256').update(lines.join('\n')).digest('hex');
      expect([report.keys, report.digest]).toEqual([latest.size, digest]);
    }
    const [first, last] = [reports[0], reports.at(-1)];
    const kib = reports.map(({ heapKib, rssKib }) => `${heapKib}/${rssKib}`).join(', ');
    console.log(`${last?.told} of ${changes} changes were told, the others with a later one; KiB of heap and process: ${kib}`);
    // 4 MiB: 50 bytes of each change, were they kept
    expect((last?.heapKib ?? 0) - (first?.heapKib ?? 0)).toBeLessThan(4_096);
    expect((last?.rssKib ?? 0) - (first?.rssKib ?? 0)).toBeLessThan(64 * 1_024);
  });
});
