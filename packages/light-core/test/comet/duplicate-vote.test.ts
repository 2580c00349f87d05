import { CometEvidence, type DuplicateVoteEvidence, type HeaderAnswer, type Vote } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import { duplicateVote, evidenceToJson, verifyDuplicateVote, voteOf } from '../../src/comet/index.ts';
import { nobleEd25519 } from '../../src/signature/index.ts';
import { codeOf, headerOf, trust } from './asserts.ts';
import { CHAIN_ID, makeBlock, testValidators } from './chain.ts';

const three = testValidators('double', [10, 7, 5]);
const block = makeBlock({ height: 4, validators: three });
const other = makeBlock({ height: 4, validators: three, header: { dataHash: new Uint8Array(32) } });
const laterRound = makeBlock({ height: 4, validators: three, header: { dataHash: new Uint8Array(32) }, round: 1 });
const context = { chainId: CHAIN_ID, validators: three, verifyEd25519: nobleEd25519 };

async function vote(answer: HeaderAnswer, index: number): Promise<Vote> {
  const found = voteOf(await trust(answer), index);
  if (found === undefined) throw new Error('the test has no such vote');
  return found;
}

async function evidenceOf(index = 1): Promise<DuplicateVoteEvidence> {
  return duplicateVote([await vote(block, index), await vote(other, index)], { ...context, time: headerOf(block).time });
}

describe('a duplicate vote', () => {
  test('is the same in whatever order the votes come, names who voted twice, and is written as CometBFT takes it', async () => {
    const evidence = await evidenceOf();
    const turned = [await vote(other, 1), await vote(block, 1)] as const;
    expect(await duplicateVote(turned, { ...context, time: headerOf(block).time })).toEqual(evidence);
    expect((await verifyDuplicateVote(evidence, context)).address).toEqual(three[1]?.address);
    expect(evidence).toMatchObject({ totalVotingPower: 22n, validatorPower: 7n });
    const bytes = CometEvidence.encode({ duplicateVote: evidence });
    expect(CometEvidence.decodeCanonical(bytes).duplicateVote).toEqual(evidence);
    const json = evidenceToJson({ duplicateVote: evidence }) as { type: string; value: { vote_a: object } };
    expect(json.type).toBe('tendermint/DuplicateVoteEvidence');
    expect(json.value.vote_a).toMatchObject({ type: 2, height: '4', round: 0, validator_index: 1, extension: null });
  });

  test('is none with votes of one block, of two rounds, of two validators, or of a stranger', async () => {
    const [first, second] = [await vote(block, 1), await vote(other, 1)];
    const code = (a: Vote, b: Vote, given = context) =>
      codeOf(() => duplicateVote([a, b], { ...given, time: headerOf(block).time }));
    expect(await code(first, first)).toBe('EVIDENCE');
    expect(await code(first, await vote(laterRound, 1))).toBe('EVIDENCE');
    expect(await code(first, await vote(other, 2))).toBe('EVIDENCE');
    expect(await code(first, second, { ...context, validators: three.slice(0, 1) })).toBe('EVIDENCE');
    expect(await code(first, second, { ...context, chainId: 'test-00000000' })).toBe('SIGNATURE');
  });

  test('with one thing changed is refused', async () => {
    const evidence = await evidenceOf();
    const changed: [Partial<DuplicateVoteEvidence>, string][] = [
      [{ totalVotingPower: 23n }, 'EVIDENCE'],
      [{ validatorPower: 8n }, 'EVIDENCE'],
      [{ voteA: evidence.voteB as Vote, voteB: evidence.voteA as Vote }, 'EVIDENCE'],
      [{ voteA: { ...(evidence.voteA as Vote), type: 32 }, voteB: { ...(evidence.voteB as Vote), type: 32 } }, 'EVIDENCE'],
      [{ voteA: { ...(evidence.voteA as Vote), type: 1 }, voteB: { ...(evidence.voteB as Vote), type: 1 } }, 'SIGNATURE'],
      [{ voteB: { ...(evidence.voteB as Vote), signature: new Uint8Array(64) } }, 'SIGNATURE'],
    ];
    for (const [change, code] of changed) {
      expect(await codeOf(() => verifyDuplicateVote({ ...evidence, ...change }, context))).toBe(code);
    }
    const { voteA, ...without } = evidence;
    expect(voteA).toBeDefined();
    expect(await codeOf(() => verifyDuplicateVote(without, context))).toBe('EVIDENCE');
  });

  test('holds between a vote for a block and one for none', async () => {
    const nil = makeBlock({ height: 4, validators: three, flag: (i) => (i === 1 ? 'nil' : 'commit') });
    expect(voteOf(await trust(block), 9)).toBeUndefined();
    const signature = nil.block.signedHeader?.commit?.signatures[1];
    const none: Vote = {
      ...(await vote(block, 1)),
      blockId: { hash: new Uint8Array(0), partSetHeader: { total: 0, hash: new Uint8Array(0) } },
      timestamp: signature?.timestamp ?? { seconds: 0, nanos: 0 },
      signature: signature?.signature ?? new Uint8Array(0),
    };
    const evidence = await duplicateVote([await vote(block, 1), none], { ...context, time: headerOf(block).time });
    expect(evidence.voteA).toEqual(none);
  });
});
