import { readFileSync } from 'node:fs';
import {
  type Appended,
  appendToFlow,
  emptyFlow,
  type Flow,
  type FlowNodes,
  flowDepth,
  flowRootOf,
  nobleFileHash,
  proveSector,
  sectorsOf,
  startOf,
  submissionIdentity,
  verifySector,
  zeroHash,
} from '@perigee/light-core/storage';
import { concat, FILE_CHUNK_BYTES, fromHex, MAX_FLOW_SECTORS, type SubmissionNode, toHex } from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { codeOf } from '../../../../tests/kit/code-of.ts';
import { randomOf } from '../../../../tests/kit/random.ts';
import { randomSubmissions } from './flow-samples.ts';

const hash = nobleFileHash;
const LONG = process.env.PERIGEE_LONG === '1';

interface StoredStep {
  readonly length: number;
  readonly nodes: readonly { readonly root: string; readonly height: number }[];
  readonly start: number;
  readonly sectors: number;
  readonly flowLength: number;
  readonly identity: string;
  readonly root: string;
}
const vectors: { readonly heights: readonly { heights: number[]; start: number }[]; readonly steps: readonly StoredStep[] } =
  JSON.parse(readFileSync(new URL('../../../../tests/vectors/storage-flow.json', import.meta.url), 'utf8'));

const nodesOf = (heights: readonly number[], fill = 0xcc): SubmissionNode[] =>
  heights.map((height) => ({ root: new Uint8Array(32).fill(fill), height }));

describe('the flow of the contract', () => {
  it('begins as a sector of 32 zeros', () => {
    expect(emptyFlow().length).toBe(1);
    expect(toHex(flowRootOf(emptyFlow(), hash))).toBe('00'.repeat(32));
  });

  it('has the places that its tests name', () => {
    let flow = emptyFlow();
    for (const { heights, start } of vectors.heights) {
      const appended = appendToFlow(flow, nodesOf(heights), hash);
      expect(appended.start).toBe(start);
      flow = appended.flow;
    }
  });

  it('has its roots after every stored submission', () => {
    let flow = emptyFlow();
    for (const step of vectors.steps) {
      const nodes = step.nodes.map(({ root, height }) => ({ root: fromHex(root), height }));
      expect(startOf(flow.length, nodes)).toBe(step.start);
      const appended = appendToFlow(flow, nodes, hash);
      flow = appended.flow;
      expect({
        start: appended.start,
        sectors: sectorsOf(nodes),
        flowLength: flow.length,
        identity: `0x${toHex(submissionIdentity(nodes, hash))}`,
        root: `0x${toHex(flowRootOf(flow, hash))}`,
      }).toEqual({
        start: step.start,
        sectors: step.sectors,
        flowLength: step.flowLength,
        identity: step.identity,
        root: step.root,
      });
    }
  });

  it('is full at a length that a double still counts', () => {
    const flow: Flow = {
      length: MAX_FLOW_SECTORS - 1024,
      frontier: Array.from({ length: 42 }, () => new Uint8Array(32).fill(1)),
    };
    expect(appendToFlow(flow, nodesOf([10]), hash).flow.length).toBe(MAX_FLOW_SECTORS);
    expect(codeOf(() => appendToFlow(flow, nodesOf([11]), hash))).toBe('TX_MESSAGE');
  });
});

/** A store of nodes, and the sectors of files that are there whole. */
class Nodes implements FlowNodes {
  readonly #nodes = new Map<string, Uint8Array>();

  add(appended: Pick<Appended, 'nodes'>): void {
    for (const { height, index, hash: node } of appended.nodes) this.#nodes.set(`${height}/${index}`, node);
  }

  async get(height: number, index: number): Promise<Uint8Array | undefined> {
    return this.#nodes.get(`${height}/${index}`);
  }

  forget(height: number, index: number): void {
    this.#nodes.delete(`${height}/${index}`);
  }
}

/** Files of chosen heights with sectors of random bytes, and every sector's hash in the flow. */
function flowOfFiles(random: ReturnType<typeof randomOf>, count: number) {
  const nodes = new Nodes();
  const sectors = new Map<number, Uint8Array>();
  const history: { root: Uint8Array; length: number }[] = [];
  let flow = emptyFlow();
  nodes.add({ nodes: [{ height: 0, index: 0, hash: new Uint8Array(32) }] });
  for (let i = 0; i < count; i++) {
    const heights = random.pick([[0], [1], [1, 0], [3, 1], [4], [4, 3, 2, 1], [6, 4]]);
    const data = heights.map((height) => Array.from({ length: 2 ** height }, () => random.bytes(FILE_CHUNK_BYTES)));
    const levels = data.map((chunks) => {
      const rows = [chunks.map((chunk) => hash.keccak256(chunk))];
      while ((rows.at(-1) ?? []).length > 1) {
        const below = rows.at(-1) as Uint8Array[];
        rows.push(
          Array.from({ length: below.length / 2 }, (_, j) =>
            hash.keccak256(concat(below[2 * j] as Uint8Array, below[2 * j + 1] as Uint8Array)),
          ),
        );
      }
      return rows;
    });
    const appended = appendToFlow(
      flow,
      heights.map((height, j) => ({ height, root: levels[j]?.[height]?.[0] as Uint8Array })),
      hash,
    );
    let at = appended.start;
    levels.forEach((rows, j) => {
      rows.forEach((row, height) => {
        nodes.add({ nodes: row.map((node, k) => ({ height, index: at / 2 ** height + k, hash: node })) });
      });
      for (const [k, chunk] of (data[j] ?? []).entries()) sectors.set(at + k, chunk);
      at += 2 ** (heights[j] ?? 0);
    });
    nodes.add(appended);
    flow = appended.flow;
    history.push({ root: flowRootOf(flow, hash), length: flow.length });
  }
  return { flow, nodes, sectors, history };
}

describe('sectors of the flow', () => {
  it('make its root, all of them written out', () => {
    const random = randomOf(onTestFailed);
    const { flow, sectors } = flowOfFiles(random, 12);
    let row = Array.from({ length: 2 ** flowDepth(flow.length) }, (_, i) => {
      const chunk = sectors.get(i);
      return i === 0 ? new Uint8Array(32) : chunk === undefined ? zeroHash(0) : hash.keccak256(chunk);
    });
    while (row.length > 1) {
      row = Array.from(
        { length: row.length / 2 },
        (_, i) => new Uint8Array(hash.keccak256(concat(row[2 * i] as Uint8Array, row[2 * i + 1] as Uint8Array))),
      );
    }
    expect(toHex(flowRootOf(flow, hash))).toBe(toHex(row[0] as Uint8Array));
  });

  it('are proved under every root that the flow has had, and no changed proof holds', async () => {
    const random = randomOf(onTestFailed);
    const { nodes, sectors, history } = flowOfFiles(random, LONG ? 60 : 14);
    for (const name of history) {
      const inside = [...sectors].filter(([sector]) => sector < name.length);
      for (const [sector, data] of random.shuffled(inside).slice(0, 3)) {
        const proof = await proveSector(name, sector, nodes, hash);
        expect(verifySector(name, sector, data, proof, hash)).toBe(data);
        const code = (wrong: Partial<typeof proof>, otherData = data, otherName = name, otherSector = sector) =>
          codeOf(() => verifySector(otherName, otherSector, otherData, { ...proof, ...wrong }, hash));
        proof.lemma.forEach((one, i) => {
          const changed = one.map((byte, j) => (j === random.below(32) ? byte ^ 1 : byte));
          if (toHex(changed) !== toHex(one)) expect(code({ lemma: proof.lemma.with(i, changed) })).toBe('FLOW_PROOF');
          expect(code({ lemma: proof.lemma.toSpliced(i, 1) })).toBe('FLOW_PROOF');
          expect(code({ lemma: proof.lemma.with(i, one.subarray(1)) })).toBe('FLOW_PROOF');
        });
        proof.path.forEach((side, i) => {
          expect(code({ path: proof.path.with(i, !side) })).toBe('FLOW_PROOF');
        });
        expect(code({ path: [...proof.path, true] })).toBe('FLOW_PROOF');
        expect(
          code(
            {},
            data.map((byte, i) => (i === 7 ? byte ^ 4 : byte)),
          ),
        ).toBe('FLOW_PROOF');
        expect(code({}, data.subarray(1))).toBe('SEGMENT_SIZE');
        expect(code({}, data, { ...name, root: random.bytes(32) })).toBe('FLOW_PROOF');
        expect(code({}, data, { ...name, length: 4 * name.length })).toBe('FLOW_PROOF');
        expect(code({}, data, name, sector + 1 < name.length ? sector + 1 : sector - 1)).toBe('FLOW_PROOF');
      }
      for (const sector of [0, -1, name.length, 0.5, Number.NaN]) {
        await expect(proveSector(name, sector, nodes, hash)).rejects.toMatchObject({ code: 'FLOW_PROOF' });
        expect(codeOf(() => verifySector(name, sector, new Uint8Array(256), { lemma: [], path: [] }, hash))).toBe('FLOW_PROOF');
      }
    }
  });

  it('are not proved without the nodes on their way', async () => {
    const random = randomOf(onTestFailed);
    const { nodes, sectors, history } = flowOfFiles(random, 6);
    const name = history.at(-1) as (typeof history)[number];
    const [sector] = [...sectors.keys()].slice(-1) as [number];
    nodes.forget(0, sector);
    await expect(proveSector(name, sector, nodes, hash)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the frontier', () => {
  it('is one subtree for each one bit of the length, whatever was submitted', () => {
    const random = randomOf(onTestFailed);
    let flow = emptyFlow();
    for (const { nodes } of randomSubmissions(random, LONG ? 2_000 : 100, 2 ** 36)) {
      const before = flow;
      const { flow: after, start } = appendToFlow(before, nodes, hash);
      expect(after.length).toBe(start + sectorsOf(nodes));
      expect(start % 2 ** (nodes[0]?.height ?? 0)).toBe(0);
      expect(after.frontier).toHaveLength([...BigInt(after.length).toString(2)].filter((bit) => bit === '1').length);
      const [first, last] = [start, after.length - 1].map((sector) => Math.floor(sector / 1024)) as [number, number];
      if (start % 1024 !== 0) expect(first).toBe(last);
      flow = after;
    }
  });
});
