import { fromHex, HeaderAnswer, toHex } from '@perigee/wire';
import { createPool } from '@perigee/workers';
import { expect, it, onTestFinished } from 'vitest';
import { spawnVerifyWorker } from '#verify-worker';
import stored from '../../../tests/vectors/sample.json' with { type: 'json' };
import type { Verifier } from '../src/verify/verifier.ts';
import { verifyStored } from './stored-sample.ts';

/** The pool that a light node has here: worker threads in Node, Web Workers in a page. */
function verifyPool() {
  const pool = createPool<Verifier>({ spawn: spawnVerifyWorker, size: 1 });
  onTestFinished(() => pool.close());
  return pool;
}

it('a stored sample is verified from the trust root to its rows', async () => {
  const { verdicts, validators, headerHash, owners } = await verifyStored(stored, verifyPool());
  expect(verdicts).toEqual(['verified', 'verified', 'verified', 'verified']);
  expect(validators).toBe(4);
  expect(headerHash).toMatch(/^[0-9a-f]{64}$/);
  for (const holders of owners) expect(holders.length).toBeGreaterThan(1);
});

it('a stored sample with one wrong digit is refused with the code of what is wrong', async () => {
  const wrong = (hex: string, at: number) => `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}`;
  const codeOf = (change: object) =>
    verifyStored({ ...stored, ...change }, verifyPool()).then(
      ({ verdicts }) => verdicts[0],
      (error) => error.code,
    );
  const [first] = stored.rows;
  expect(await codeOf({ rows: [{ ...first, row: wrong(first?.row ?? '', 7) }] })).toBe('invalid/peer');
  expect(await codeOf({ rlcOriginal: wrong(stored.rlcOriginal, 100) })).toBe('COMMITMENT_MISMATCH');
  expect(
    await codeOf({
      trustRoot: stored.trustRoot.replace(/("headerHash": ")./, (all, start) => `${start}${all.endsWith('0') ? 1 : 0}`),
    }),
  ).toBe('TRUST_ROOT');
  const { block } = HeaderAnswer.decode(fromHex(stored.head));
  for (const { signature } of block.signedHeader?.commit?.signatures ?? []) signature[5] = (signature[5] ?? 0) ^ 1;
  expect(await codeOf({ head: toHex(HeaderAnswer.encode({ block })) })).toBe('SIGNATURE');
});
