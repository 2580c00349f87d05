import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flowAfter, flowOfChain, nobleFileHash, type SectorProof, verifySector } from '@perigee/light-core/storage';
import { open, sectorsProtocol } from '@perigee/net';
import { createLightNode, type LightNode } from '@perigee/sampler';
import { FILE_CHUNK_BYTES, type PerigeeError, type StoredFile, toHex } from '@perigee/wire';
import { ClassicLevel } from 'classic-level';
import { describe, expect, it, onTestFailed, onTestFinished } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { type Random, randomOf, temporaryFolder } from '../../../tests/kit/index.ts';
import vectors from '../../../tests/vectors/flow-store.json' with { type: 'json' };
import { FlowStore } from '../src/node/index.ts';
import { FileLedger, sampleOf } from './files.ts';
import { StoringNetwork, type Submitted, until } from './storing.ts';

const storing = new StoringNetwork();
const { signal } = new AbortController();

/** Some that share a segment, leave gaps, end in padding, or have many segments. */
const SIZES = [
  [0, 1],
  [0, 600],
  [0, 5_000],
  [1, 1],
  [0, 17 * 256],
  [4, 700],
  [0, 300],
  [2, 0],
] as const;

/** A light node that has verified headers down from the trust root, and proves what it takes of the state. */
async function light(): Promise<LightNode> {
  const node = createLightNode({ trustRoot: storing.network.trustRoot(), allowPrivate: true, follow: false, workers: 1 });
  onTestFinished(() => node.stop());
  await node.start();
  await until(() => node.state.head !== undefined);
  return node;
}

/** What the flow has at a sector: zeros where no file is. */
function dataAt(files: readonly Submitted[], sector: number): Uint8Array {
  const bytes = new Uint8Array(FILE_CHUNK_BYTES);
  const one = files.findLast(({ file }) => file.startSector <= sector);
  if (one !== undefined) {
    const at = (sector - one.file.startSector) * FILE_CHUNK_BYTES;
    bytes.set(one.sample.data.subarray(at, at + FILE_CHUNK_BYTES));
  }
  return bytes;
}

/** Everything of a proof and its data that a liar may change. */
function forgeries(data: Uint8Array, { lemma, path }: SectorProof, random: Random): [Uint8Array, SectorProof][] {
  const flip = (bytes: Uint8Array): Uint8Array => {
    const copy = bytes.slice();
    copy[random.below(copy.length)] = (copy[0] ?? 0) ^ 0x5a ^ random.between(1, 200);
    return copy;
  };
  const all: [Uint8Array, SectorProof][] = [[flip(data), { lemma, path }]];
  for (const i of lemma.keys()) all.push([data, { lemma: lemma.map((one, at) => (at === i ? flip(one) : one)), path }]);
  for (const i of path.keys()) all.push([data, { lemma, path: path.map((one, at) => (at === i ? !one : one)) }]);
  all.push([data, { lemma: lemma.slice(1), path }], [data, { lemma: [...lemma, new Uint8Array(32)], path }]);
  return all.filter(([bytes, proof]) => toHex(bytes) !== toHex(data) || !sameProof(proof, { lemma, path }));
}

function sameProof(a: SectorProof, b: SectorProof): boolean {
  return a.lemma.map(toHex).join() === b.lemma.map(toHex).join() && a.path.join() === b.path.join();
}

describe('a sector', () => {
  it('is proved from any node that has it to a header that was verified from the trust root, as the flow is and as it was', async () => {
    const random = randomOf(onTestFailed);
    const files: Submitted[] = [];
    for (const [segments, rest] of SIZES) files.push(await storing.submit(segments, rest));
    const nodes = [0, 1].map((shardId) => storing.start({ shard: { shardId, numShard: 2 } }));
    const [even, odd] = await Promise.all(nodes);
    if (even === undefined || odd === undefined) throw new Error('no nodes');
    for (const node of [even, odd]) {
      await until(() => node.flow.next === files.length);
      for (const one of files) await storing.upload(node, one);
    }
    const { chain } = await light();
    const now = await flowOfChain(chain);
    expect(now).toEqual(even.flow.latest);
    const past = files[random.below(files.length)]?.file ?? files[0]?.file;
    if (past === undefined) throw new Error('no file');
    for (const flow of [now, flowAfter(past)]) {
      const starts = files.map(({ file }) => file.startSector).filter((start) => start < flow.length);
      const sectors = [...starts, 1, flow.length - 1, ...Array.from({ length: 12 }, () => random.between(1, flow.length - 1))];
      for (const sector of sectors) {
        const ask = ({ peer }: typeof even) =>
          open(storing.network.chainHost, peer, sectorsProtocol).callOne({ sector, flowRoot: flow.root });
        const answers = await Promise.allSettled([even, odd].map(ask));
        const given = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
        const refusals = answers.map((answer) => (answer.status === 'rejected' ? String(answer.reason) : 'given')).join('; ');
        expect(given.length, `sector ${sector} of ${flow.length}: ${refusals}`).toBeGreaterThan(0);
        for (const { data, proof } of given) {
          expect(verifySector(flow, sector, data, proof, nobleFileHash)).toEqual(dataAt(files, sector));
        }
        const [first] = given;
        if (first === undefined || sector !== sectors.at(-1)) continue;
        for (const [data, proof] of forgeries(first.data, first.proof, random)) {
          expect(() => verifySector(flow, sector, data, proof, nobleFileHash)).toThrow(
            expect.objectContaining({ code: 'FLOW_PROOF' }),
          );
        }
        expect(() => verifySector(flow, sector + 1, first.data, first.proof, nobleFileHash)).toThrow();
      }
    }
  });

  it('is not proved where it is not kept, where there is none, or under a root that never was', async () => {
    const one = await storing.submit(3);
    const node = await storing.start();
    await storing.upload(node, one, [0]);
    const { sectors } = node.node;
    await until(() => node.flow.next > one.file.txSeq);
    const { startSector, flowRoot } = one.file;
    const ask = (sector: number, root?: Uint8Array) => codeOfPromise(sectors?.prove(sector, root, signal) ?? Promise.resolve());
    expect(await ask(startSector + 5)).toBe('none');
    expect(await ask(startSector + 5, flowRoot)).toBe('none');
    expect(await ask(startSector + 1_024)).toBe('NOT_FOUND');
    expect(await ask(startSector + 5, new Uint8Array(32))).toBe('NOT_FOUND');
    for (const sector of [0, -1, 1.5, node.flow.latest.length, Number.NaN]) expect(await ask(sector)).toBe('FLOW_PROOF');
  });
});

describe('the flow that is kept', () => {
  const files = (count: number): StoredFile[] => {
    const ledger = new FileLedger();
    return Array.from({ length: count }, (_, i) => ledger.submit(sampleOf(1 + 7_777 * i, `flow ${i}`)));
  };
  const open = (dir: string, faults: PerigeeError[] = []) =>
    FlowStore.open({ dir, hash: nobleFileHash, onFault: (error) => void faults.push(error) });

  it('takes submissions past numbers of writes to streams, which are no files, and misses none', async () => {
    const dir = join(temporaryFolder('flow'), 'flow');
    const all = files(4).map((file) => ({ ...file, txSeq: 2 + 3 * file.txSeq }));
    let flow = await open(dir);
    await flow.append(all.slice(0, 2), 7);
    expect(flow.next).toBe(7);
    expect(await codeOfPromise(flow.append(all.slice(3), 12))).toBe('STORE_CORRUPT');
    await flow.append([], 8);
    await flow.close();
    flow = await open(dir);
    expect(flow.next).toBe(8);
    await flow.append(all.slice(2), 12);
    expect([flow.next, flow.latest]).toEqual([12, flowAfter(all[3] as StoredFile)]);
    await flow.close();
  });

  it('is the same after a restart, takes each submission once and in order, and is begun anew where it was damaged', async () => {
    const dir = join(temporaryFolder('flow'), 'flow');
    const all = files(6);
    let flow = await open(dir);
    expect(await codeOfPromise(open(dir))).toBe('STORE_LOCKED');
    await flow.append(all.slice(0, 4));
    const { latest } = flow;
    expect(latest).toEqual(flowAfter(all[3] as StoredFile));
    expect(await codeOfPromise(flow.append(all.slice(2, 4)))).toBe('STORE_CORRUPT');
    expect(await codeOfPromise(flow.append(all.slice(5)))).toBe('STORE_CORRUPT');
    await flow.close();
    flow = await open(dir);
    expect([flow.next, flow.latest]).toEqual([4, latest]);
    await flow.append(all.slice(4));
    for (const file of all) expect(await flow.named(file.flowRoot)).toEqual(flowAfter(file));
    expect(await flow.named(new Uint8Array(32))).toBeUndefined();
    await flow.reset();
    expect([flow.next, await flow.named(latest.root)]).toEqual([0, undefined]);
    await flow.append(all);
    await flow.close();

    const level = new ClassicLevel<string, Uint8Array>(dir, { valueEncoding: 'view' });
    await level.put('state', Uint8Array.of(0xff));
    await level.close();
    const faults: PerigeeError[] = [];
    flow = await open(dir, faults);
    expect([flow.next, faults.map(({ code }) => code)]).toEqual([0, ['STORE_CORRUPT']]);
    await flow.close();
  });

  it('refuses what a newer version wrote', async () => {
    const dir = join(temporaryFolder('flow'), 'flow');
    await (await open(dir)).close();
    const level = new ClassicLevel<string, Uint8Array>(dir, { valueEncoding: 'view' });
    await level.put('format', Uint8Array.of(2, 0, 0, 0));
    await level.close();
    expect(await codeOfPromise(open(dir))).toBe('STORE_VERSION');
  });

  it('is made anew by a node from the chain when what it keeps is of another', async () => {
    await storing.submit(0);
    const dir = temporaryFolder('flow');
    const flow = await open(join(dir, 'flow'));
    await flow.append(files(1));
    await flow.close();
    const node = await storing.start({ dir });
    const { submissions } = { submissions: storing.network };
    await submissions.submitFile(sampleOf(900, 'another').tree);
    await until(() => node.flow.next > 1);
    await until(() => node.faults.some(({ code }) => code === 'STORE_CORRUPT'));
    const due = await flowOfChain(storing.state);
    await until(() => toHex(node.flow.latest.root) === toHex(due.root));
  });

  it('has the stored form', async () => {
    const dir = join(temporaryFolder('flow'), 'flow');
    const flow = await open(dir);
    await flow.append(files(3));
    await flow.close();
    const level = new ClassicLevel<string, Uint8Array>(dir, { valueEncoding: 'view' });
    const entries = (await level.iterator().all()).map(([key, value]) => [key, toHex(value)]);
    await level.close();
    if (process.env.PERIGEE_WRITE_FIXTURES === '1') {
      await writeFile(
        new URL('../../../tests/vectors/flow-store.json', import.meta.url),
        `${JSON.stringify({ entries }, null, 2)}\n`,
      );
    }
    expect(entries).toEqual(vectors.entries);
  });
});
