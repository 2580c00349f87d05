import { ed25519 } from '@noble/curves/ed25519.js';
import { type ErrorCode, type Header, HeaderAnswer, type Validator } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import { commitSignBytes, headerHash, unverified, validatorSetHash, verify, ZERO_TIME } from '../../src/comet/index.ts';
import { at, codeOf, commitOf, headerOf, trust, verifyNext } from './asserts.ts';
import {
  type BlockPlan,
  blockIdOf,
  makeBlock,
  makeChain,
  makeCommit,
  makeHeader,
  testValidators,
  validatorSet,
} from './chain.ts';
import { mutations } from './mutate.ts';

// three of equal power: every signature is needed, so none may be wrong
const three = testValidators('three', [10, 10, 10]);
const newcomers = testValidators('newcomers', [10, 10, 10]);
const chain = makeChain(5, (height) => (height < 5 ? three : newcomers));
const [first, second, , fourth] = chain as [HeaderAnswer, HeaderAnswer, HeaderAnswer, HeaderAnswer];

/** What each changed field must lead to. A pattern is tried on "path change"; the first that fits counts. */
const CODES: readonly [RegExp, ErrorCode | 'none'][] = [
  [/header\.version\.block /, 'HEADER'],
  [/header\.version\.app negated/, 'PARSE'], // cannot be written, and so cannot have been read
  [/header\.version\.app /, 'HEADER_HASH'],
  [/header\.chainId /, 'WRONG_CHAIN'],
  [/header\.height (→ 0|negated)/, 'HEADER'],
  [/header\.height /, 'COMMIT'],
  [/header\.time\.nanos negated/, 'HEADER'],
  [/header\.time/, 'HEADER_HASH'],
  [/header\.lastBlockId.*total negated/, 'PARSE'],
  [/header\.appHash /, 'HEADER_HASH'],
  [/header\..*(longer|shorter)/, 'HEADER'],
  [/header\.proposerAddress none/, 'HEADER'],
  [/header\.validatorsHash /, 'VALIDATOR_SET'],
  [/header\./, 'HEADER_HASH'],
  [/commit\.height /, 'COMMIT'],
  [/commit\.round (- 1|negated)/, 'COMMIT'],
  [/commit\.round /, 'SIGNATURE'],
  [/commit\.blockId\.hash /, 'HEADER_HASH'],
  [/commit.*total (- 1|→ 0|negated)/, 'COMMIT'],
  [/commit.*partSetHeader\.hash (one|none)/, 'COMMIT'],
  [/commit.*partSetHeader/, 'SIGNATURE'],
  [/commit\.signatures (last|first|turned|none)/, 'COMMIT'],
  [/blockIdFlag \+ 1/, 'NOT_ENOUGH_POWER'], // a vote for no block does not count, even signed so
  [/blockIdFlag /, 'COMMIT'],
  [/signatures\.validatorAddress /, 'COMMIT'],
  [/signatures\.timestamp\.nanos negated/, 'COMMIT'],
  [/signatures\.timestamp/, 'SIGNATURE'],
  [/signatures\.signature (one|none)/, 'COMMIT'],
  [/signatures\.signature /, 'SIGNATURE'],
  [/proposerPriority|totalVotingPower/, 'none'], // not covered by the hash, and so not part of what comes out
  [/validator/i, 'VALIDATOR_SET'],
];

describe.each([
  { name: 'the next block', block: second },
  { name: 'a block further on that announces other validators', block: fourth },
])('$name with one thing changed', ({ block }) => {
  test('is refused with the code of what is wrong', async () => {
    const trusted = await trust(first);
    const verified = await verifyNext(trusted, block);
    const seen = new Set<string>();
    const wrong: string[] = [];
    for (const { path, change, value } of mutations(block)) {
      seen.add(path);
      const due = CODES.find(([pattern]) => pattern.test(`${path} ${change}`))?.[1];
      const code = await codeOf(async () => expect(await verifyNext(trusted, value)).toEqual(verified));
      if (code !== due) wrong.push(`${path} ${change}: ${code}, not ${due}`);
    }
    expect(wrong).toEqual([]);
    expect(seen.size).toBeGreaterThanOrEqual(35);
  });
});

describe('parts that are missing', () => {
  const { header, commit } = { header: headerOf(second), commit: commitOf(second) };
  const set = second.block.validatorSet;
  test.each<[string, HeaderAnswer, ErrorCode]>([
    ['nothing', HeaderAnswer.decode(new Uint8Array(0)), 'HEADER'],
    ['no header', { block: { signedHeader: { commit }, validatorSet: set } }, 'HEADER'],
    ['no commit', { block: { signedHeader: { header }, validatorSet: set } }, 'COMMIT'],
    ['no validators', { block: { signedHeader: { header, commit } } }, 'VALIDATOR_SET'],
    ['no validator in the set', { block: { ...second.block, validatorSet: validatorSet([]) } }, 'VALIDATOR_SET'],
  ])('%s', async (_, answer, code) => {
    const trusted = await trust(first);
    expect(await codeOf(() => verify(trusted, unverified(answer), at(2)))).toBe(code);
  });
});

describe('a lie that all validators signed', () => {
  const signed = (plan: Partial<BlockPlan>) => makeBlock({ height: 2, validators: three, previous: first, ...plan });
  const lie = (header: Partial<Header>) => signed({ header });

  test.each<[string, HeaderAnswer, ErrorCode]>([
    ['another chain', lie({ chainId: 'test-00000000' }), 'WRONG_CHAIN'],
    ['another block protocol', lie({ version: { block: 12, app: 1 } }), 'HEADER'],
    ['the same height again', signed({ height: 1 }), 'HEADER'],
    ['a year past 9999', lie({ time: { seconds: 253_402_300_800, nanos: 0 } }), 'HEADER'],
    ['a proposer without an address', lie({ proposerAddress: new Uint8Array(0) }), 'HEADER'],
    ['a hash of 31 bytes', lie({ dataHash: new Uint8Array(31) }), 'HEADER'],
    [
      'a last block id of 33 bytes',
      lie({ lastBlockId: { ...blockIdOf(headerOf(first)), hash: new Uint8Array(0) } }),
      'none' as ErrorCode,
    ],
    ['a set that was not announced', signed({ validators: newcomers }), 'VALIDATOR_SET'],
    ['an announced set that is not the one sent', lie({ nextValidatorsHash: new Uint8Array(32) }), 'VALIDATOR_SET'],
  ])('%s', async (_, answer, code) => {
    const trusted = await trust(first);
    expect(await codeOf(() => verify(trusted, unverified(answer), at(2)))).toBe(code);
  });

  test('app_hash may have any length', async () => {
    const trusted = await trust(first);
    for (const length of [0, 8, 64]) {
      expect(await codeOf(() => verifyNext(trusted, lie({ appHash: new Uint8Array(length) })))).toBe('none');
    }
  });
});

describe('validator sets that hash right and are wrong in themselves', () => {
  /** A chain start whose set is `validators`, hashed and signed as it is. */
  function withSet(validators: Validator[]): HeaderAnswer {
    const hash = validatorSetHash(validators);
    const header = makeHeader({ height: 1, validators: three, header: { validatorsHash: hash, nextValidatorsHash: hash } });
    const signers = validators.map(({ publicKey }) => three.find((v) => v.publicKey === publicKey.ed25519) ?? three[0]);
    const commit = makeCommit(
      header,
      signers.filter((signer) => signer !== undefined),
    );
    return { block: { signedHeader: { header, commit }, validatorSet: { validators, totalVotingPower: 0n } } };
  }
  const { validators } = validatorSet(three);
  const [a, b, c] = validators as [Validator, Validator, Validator];
  const cap = ((1n << 63n) - 1n) / 8n;

  test.each<[string, Validator[], ErrorCode | 'none']>([
    ['sound', [a, b, c], 'none'],
    ['empty', [], 'VALIDATOR_SET'],
    ['a validator twice', [a, a, b], 'VALIDATOR_SET'],
    ['a validator twice with other power', [a, { ...a, votingPower: 1n }, b], 'VALIDATOR_SET'],
    ['an address of another', [{ ...a, address: b.address }, b, c], 'VALIDATOR_SET'],
    ['no power', [a, b, { ...c, votingPower: 0n }], 'VALIDATOR_SET'],
    ['negative power', [a, b, { ...c, votingPower: -10n }], 'VALIDATOR_SET'],
    ['as much power as is allowed', [{ ...a, votingPower: cap - 20n }, b, c], 'none'],
    ['more power than is allowed', [{ ...a, votingPower: cap - 19n }, b, c], 'VALIDATOR_SET'],
    ['sums that wrap around 64 bits', [a, b, c].map((v) => ({ ...v, votingPower: (1n << 63n) - 1n })), 'VALIDATOR_SET'],
    ['no key', [a, b, { ...c, publicKey: {} }], 'VALIDATOR_SET'],
    ['a key of 31 bytes', [a, b, { ...c, publicKey: { ed25519: new Uint8Array(31) } }], 'VALIDATOR_SET'],
    ['a key of another scheme', [a, b, { ...c, publicKey: { secp256k1: new Uint8Array(33) } }], 'VALIDATOR_SET'],
    ['two keys', [a, b, { ...c, publicKey: { ...c.publicKey, secp256k1: new Uint8Array(33) } }], 'VALIDATOR_SET'],
  ])('%s', async (_, set, code) => {
    expect(await codeOf(() => trust(withSet(set)))).toBe(code);
  });
});

describe('votes', () => {
  test('are signed for the block or for none; an absent one is not signed', async () => {
    const flagsOf = ['commit', 'nil', 'absent'] as const;
    const answer = makeBlock({ height: 2, validators: three, previous: first, flag: (i) => flagsOf[i] ?? 'absent' });
    const { signatures } = commitOf(answer);
    for (const i of [0, 1]) {
      const message = commitSignBytes(headerOf(answer).chainId, commitOf(answer), i);
      const key = three[i]?.publicKey ?? new Uint8Array(0);
      expect(ed25519.verify(signatures[i]?.signature ?? key, message, key)).toBe(true);
    }
    for (const i of [2, 3, -1]) {
      expect(await codeOf(() => commitSignBytes(headerOf(answer).chainId, commitOf(answer), i))).toBe('INVALID_ARGUMENT');
    }
  });

  test('a right vote for no block, marked as one for the block, is a wrong signature', async () => {
    const trusted = await trust(first);
    const answer = makeBlock({ height: 2, validators: three, previous: first, flag: (i) => (i === 1 ? 'nil' : 'commit') });
    const marked = structuredClone(answer);
    const vote = commitOf(marked).signatures[1];
    if (vote !== undefined) vote.blockIdFlag = 2;
    expect(await codeOf(() => verifyNext(trusted, answer))).toBe('NOT_ENOUGH_POWER');
    expect(await codeOf(() => verifyNext(trusted, marked))).toBe('SIGNATURE');
  });

  test('a vote of another round or height does not count', async () => {
    const trusted = await trust(first);
    const header = headerOf(second);
    const { signatures } = makeCommit(header, three, { round: 1 });
    const moved = { ...second.block, signedHeader: { header, commit: { ...commitOf(second), signatures } } };
    expect(await codeOf(() => verifyNext(trusted, { block: moved }))).toBe('SIGNATURE');
    const round1 = { ...second.block, signedHeader: { header, commit: makeCommit(header, three, { round: 1 }) } };
    expect(await codeOf(() => verifyNext(trusted, { block: round1 }))).toBe('none');
    for (const [round, code] of [
      [0x7fffffff, 'none'],
      [0x80000000, 'COMMIT'],
    ] as const) {
      const late = { ...second.block, signedHeader: { header, commit: makeCommit(header, three, { round }) } };
      expect(await codeOf(() => verifyNext(trusted, { block: late }))).toBe(code);
    }
  });

  test('an absent vote that carries anything is refused', async () => {
    const four = testValidators('three', [10, 10, 10, 10]);
    const start = await trust(makeBlock({ height: 1, validators: four }));
    const answer = makeBlock({ height: 2, validators: four, flag: (i) => (i === 3 ? 'absent' : 'commit') });
    expect(await codeOf(() => verifyNext(start, answer))).toBe('none');
    for (const change of [
      { validatorAddress: new Uint8Array(20) },
      { signature: new Uint8Array(64) },
      { timestamp: { seconds: 0, nanos: 0 } },
      { timestamp: { ...ZERO_TIME, nanos: 1 } },
    ]) {
      const filled = structuredClone(answer);
      Object.assign(commitOf(filled).signatures[3] ?? {}, change);
      expect(await codeOf(() => verifyNext(start, filled))).toBe('COMMIT');
    }
  });

  test('the commit of one block does not serve another', async () => {
    const trusted = await trust(first);
    const other = makeHeader({ height: 2, validators: three, previous: first, header: { appHash: new Uint8Array(32) } });
    expect(headerHash(other)).not.toEqual(headerHash(headerOf(second)));
    const swapped = { ...second.block, signedHeader: { header: other, commit: commitOf(second) } };
    expect(await codeOf(() => verifyNext(trusted, { block: swapped }))).toBe('HEADER_HASH');
  });
});
