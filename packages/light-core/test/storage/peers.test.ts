/** 0G's own programs beside ours: its SDK makes the same roots and nodes, and its Flow contract the same flow. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  appendToFlow,
  checkSubmission,
  emptyFlow,
  fileTreeOf,
  flowRootOf,
  nobleFileHash,
  sectorsOf,
  submissionIdentity,
} from '@perigee/light-core/storage';
import { fromHex, type SubmissionNode, toHex } from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { codeOf } from '../../../../tests/kit/code-of.ts';
import { createRandom, type Random, randomOf } from '../../../../tests/kit/random.ts';
import { submitsOfCall } from '../../src/tx/ethereum/storage-calls.ts';
import { randomSubmissions, toJson } from './flow-samples.ts';
import { kernelHash, sampleBytes } from './sample.ts';

const peer = fileURLToPath(new URL('../../../../tests/peers/zerog/', import.meta.url));
const installed = existsSync(`${peer}node_modules/@0gfoundation/0g-ts-sdk`);
const name = `tests/peers/zerog${installed ? '' : ' (skipped: not installed, npm ci there)'}`;
const LONG = process.env.PERIGEE_LONG === '1';
const hash = await kernelHash();

function ask<T>(program: string, input: unknown): T[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
    cwd: peer,
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

const CALLS_FILE = new URL('../../../../tests/vectors/storage-calls.json', import.meta.url);

/** Submissions with tags of all kinds of lengths. */
const tagged = (random: Random, count: number) =>
  randomSubmissions(random, count, 2 ** 40).map((one) => ({
    ...one,
    tags: random.bytes(random.pick([0, 0, 1, 31, 32, 33, 64, 1_024])),
  }));

interface FlowAnswer {
  readonly refused?: true;
  readonly start: number;
  readonly sectors: number;
  readonly identity: string;
  readonly root: string;
  readonly flowLength: number;
}

const FLOW_FILE = new URL('../../../../tests/vectors/storage-flow.json', import.meta.url);

/** Set to record what the contract does to a fixed list of submissions. */
if (process.env.PERIGEE_WRITE_FIXTURES === '1' && installed) {
  const submissions = randomSubmissions(createRandom(60_000), 60, 2 ** 34);
  const answers = ask<FlowAnswer>('flow.mjs', toJson(submissions));
  const steps = (toJson(submissions) as object[]).map((one, i) => ({ ...one, ...answers[i] }));
  const heights = [
    { heights: [8], start: 256 },
    { heights: [9, 8, 7, 6], start: 1_024 },
    { heights: [9, 8, 7, 6], start: 2_048 },
  ];
  const source = {
    heights: '0gfoundation/0g-storage-contracts, test/flow.spec.ts',
    steps:
      'FixedPriceFlow as compiled in @0gfoundation/0g-ts-sdk 1.2.8, run in @ethereumjs/evm 10.1.3 by tests/peers/zerog/flow.mjs',
  };
  writeFileSync(FLOW_FILE, `${JSON.stringify({ version: 1, source, heights, steps }, null, 1)}\n`);
}

if (process.env.PERIGEE_WRITE_FIXTURES === '1' && installed) {
  const submissions = tagged(createRandom(60_001), 4);
  const submitter = `0x${'5b'.repeat(20)}`;
  const calls = ask('calls.mjs', { submissions: toJson(submissions), submitter });
  const source =
    'ethers 6.13.1 with the ABIs of @0gfoundation/0g-ts-sdk 1.2.8 and @0glabs/0g-ts-sdk 0.3.3, by tests/peers/zerog/calls.mjs';
  writeFileSync(
    CALLS_FILE,
    `${JSON.stringify({ version: 1, source, submitter, submissions: toJson(submissions), calls }, null, 1)}\n`,
  );
}

describe.skipIf(!installed)(name, () => {
  it('its SDK makes the same roots and nodes of files of random sizes', { timeout: 1_200_000 }, () => {
    const random = randomOf(onTestFailed);
    const files = Array.from({ length: LONG ? 500 : 25 }, () => ({
      length: Math.ceil(2 ** (random.below(22 * 64) / 64)),
      seed: random.u32(),
    }));
    const answers = ask<{ root: string; nodes: { root: string; height: number }[] }>('roots.mjs', files);
    files.forEach(({ length, seed }, i) => {
      const { root, nodes } = fileTreeOf(sampleBytes(length, seed), hash);
      const ours = { root: `0x${toHex(root)}`, nodes: nodes.map((node) => ({ ...node, root: `0x${toHex(node.root)}` })) };
      expect({ length, ...ours }).toEqual({ length, ...answers[i] });
    });
  });

  it('its contract gives files the same places, names and roots', { timeout: 600_000 }, () => {
    const random = randomOf(onTestFailed);
    const submissions = randomSubmissions(random, LONG ? 1_000 : 60, 2 ** 38);
    const answers = ask<FlowAnswer>('flow.mjs', toJson(submissions));
    let flow = emptyFlow();
    submissions.forEach(({ nodes }, i) => {
      const appended = appendToFlow(flow, nodes, nobleFileHash);
      flow = appended.flow;
      expect({
        index: i,
        identity: `0x${toHex(submissionIdentity(nodes, nobleFileHash))}`,
        start: appended.start,
        sectors: sectorsOf(nodes),
        root: `0x${toHex(flowRootOf(flow, nobleFileHash))}`,
        flowLength: flow.length,
      }).toEqual(answers[i]);
    });
  });

  it('its calls are read as what they submit', () => {
    const random = randomOf(onTestFailed);
    const submissions = tagged(random, 16);
    const calls = ask<[string, string]>('calls.mjs', {
      submissions: toJson(submissions),
      submitter: `0x${toHex(random.bytes(20))}`,
    });
    const read = (data: string) => submitsOfCall(fromHex(data), 1n).map(({ storageSubmit }) => ({ ...storageSubmit, value: 0n }));
    [...submissions.map((one) => [one]), submissions].forEach((due, i) => {
      for (const data of calls[i] ?? []) expect(read(data)).toEqual(due.map((one) => ({ ...one, value: 0n })));
    });
    expect(calls).toHaveLength(17);
  });

  it('its contract refuses what we refuse, and nothing else', { timeout: 600_000 }, () => {
    const random = randomOf(onTestFailed);
    const submissions = Array.from({ length: LONG ? 1_000 : 200 }, () => {
      let height = random.below(12);
      const nodes: SubmissionNode[] = [];
      for (let left = random.below(6); left > 0 && height >= 0; left--) {
        nodes.push({ root: random.bytes(32), height });
        height -= random.pick([0, 1, 1, 1, 1, 2, 3, -1]);
      }
      const capacity = sectorsOf(nodes) * 256;
      const length = Math.max(0, capacity - random.pick([0, 0, 1, 255, 256, 257, random.below(capacity + 1), -1]));
      return { length, tags: new Uint8Array(0), nodes };
    });
    const answers = ask<FlowAnswer>('flow.mjs', toJson(submissions));
    const refused = submissions.map((submission) => codeOf(() => checkSubmission(submission)) !== 'none');
    expect(refused).toEqual(answers.map((answer) => answer.refused === true));
    expect(refused.filter((one) => !one).length).toBeGreaterThan(10);
  });
});
