/**
 * A small chain of ours, stored in tests/vectors/comet.json: change of validators, a vote for no block, an absent one. It was made once by
 * `makeKnownChain`; the file decides. `npx vitest run -u known-answers` writes it anew, which only a change of the format may need.
 */
import { readFileSync } from 'node:fs';
import { fromHex, HeaderAnswer, toHex } from '@perigee/wire';
import { expect, test } from 'vitest';
import {
  anchor,
  commitHash,
  commitSignBytes,
  formatTrustRoot,
  headerAnswerOf,
  headerHash,
  parseTrustRoot,
  restoreVerified,
  unverified,
} from '../../src/comet/index.ts';
import { bestEd25519 } from '../../src/signature/index.ts';
import { at, codeOf, commitOf, headerOf, rootOf, verifyNext } from './asserts.ts';
import { CHAIN_ID, makeBlock, testValidators } from './chain.ts';

const FILE = new URL('../../../../tests/vectors/comet.json', import.meta.url);

function makeKnownChain(): HeaderAnswer[] {
  const old = testValidators('known', [5, 4, 3, 3]);
  const changed = testValidators('known', [5, 4, 3, 3, 6]);
  const one = makeBlock({ height: 1, validators: old });
  const two = makeBlock({ height: 2, validators: old, next: changed, previous: one, flag: (i) => (i === 2 ? 'nil' : 'commit') });
  const three = makeBlock({ height: 3, validators: changed, previous: two, flag: (i) => (i === 4 ? 'absent' : 'commit') });
  return [one, two, three, makeBlock({ height: 4, validators: changed, previous: three, round: 1 })];
}

function describeChain(chain: readonly HeaderAnswer[]): string {
  const blocks = chain.map((answer) => ({
    headerHash: toHex(headerHash(headerOf(answer))),
    commitHash: toHex(commitHash(commitOf(answer))),
    signBytes: toHex(commitSignBytes(CHAIN_ID, commitOf(answer), 0)),
    headerAnswer: toHex(HeaderAnswer.encode(answer)),
  }));
  const source = 'packages/light-core/test/comet/known-answers.test.ts (makeKnownChain); light blocks 1 to 4, hexadecimal';
  const trustRoot = JSON.parse(formatTrustRoot(rootOf(chain[0] as HeaderAnswer)));
  return `${JSON.stringify({ source, trustRoot, blocks }, null, 2)}\n`;
}

test('the same seed still makes the stored bytes', async () => {
  await expect(describeChain(makeKnownChain())).toMatchFileSnapshot(FILE.pathname);
});

test('the stored chain verifies, and every stored hash is met', async () => {
  const stored = JSON.parse(readFileSync(FILE, 'utf8'));
  const root = parseTrustRoot(JSON.stringify(stored.trustRoot));
  const chain: HeaderAnswer[] = stored.blocks.map((block: { headerAnswer: string }) =>
    HeaderAnswer.decodeCanonical(fromHex(block.headerAnswer)),
  );
  expect(chain).toHaveLength(4);
  let trusted = await anchor(root, unverified(chain[0] as HeaderAnswer), at(1));
  const first = trusted;
  for (const [i, answer] of chain.entries()) {
    if (i > 0) trusted = await verifyNext(trusted, answer);
    expect(toHex(trusted.headerHash)).toBe(stored.blocks[i].headerHash);
    expect(toHex(commitHash(commitOf(answer)))).toBe(stored.blocks[i].commitHash);
    expect(toHex(commitSignBytes(root.chainId, commitOf(answer), 0))).toBe(stored.blocks[i].signBytes);
    expect(restoreVerified(headerAnswerOf(trusted), root.chainId)).toEqual(trusted);
  }
  expect((await verifyNext(first, chain[3] as HeaderAnswer)).headerHash).toEqual(trusted.headerHash);
});

test('the stored bytes cut off or with one bit turned are refused, whatever the bit', async () => {
  const stored = JSON.parse(readFileSync(FILE, 'utf8'));
  const trusted = await anchor(
    parseTrustRoot(JSON.stringify(stored.trustRoot)),
    unverified(HeaderAnswer.decode(fromHex(stored.blocks[0].headerAnswer))),
    at(1),
  );
  const bytes = fromHex(stored.blocks[1].headerAnswer);
  const fast = { verifyEd25519: bestEd25519(crypto.subtle) };
  const verified = await verifyNext(trusted, HeaderAnswer.decode(bytes));
  for (let i = 0; i < bytes.length; i++) {
    const turned = bytes.slice();
    turned[i] = (turned[i] ?? 0) ^ (1 << (i % 8));
    // what the bit does not change, such as the priority of a proposer, may pass; what comes out is then the same
    const code = await codeOf(async () => {
      const result = await verifyNext(trusted, HeaderAnswer.decode(turned), fast);
      expect({ ...result, commit: undefined }).toEqual({ ...verified, commit: undefined });
    });
    if (code === 'none') expect(HeaderAnswer.decode(turned).block.signedHeader?.header).toEqual(verified.header);
    expect(await codeOf(() => verifyNext(trusted, HeaderAnswer.decode(bytes.subarray(0, i))))).not.toBe('none');
  }
});
