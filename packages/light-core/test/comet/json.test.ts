import { Block, Commit, fromBase64, Header, toHex, Validator } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockFromJson, commitFromJson, formatTime, headerFromJson, validatorFromJson } from '../../src/comet/index.ts';
import { codeOf, commitOf, headerOf } from './asserts.ts';
import { makeBlock, testValidators, validatorSet } from './chain.ts';

const three = testValidators('three', [3, 2, 1]);
const block = makeBlock({ height: 7, validators: three, flag: (i) => (['commit', 'nil', 'absent'] as const)[i] ?? 'absent' });
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const hex = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();

/** As CometBFT's RPC writes them. */
const blockIdJson = ({ hash, partSetHeader: { total, hash: parts } }: Commit['blockId']) => ({
  hash: hash.length === 0 ? '' : hex(hash),
  parts: { total, hash: hex(parts) },
});
function headerJson() {
  const header = headerOf(block);
  return {
    version: { block: String(header.version.block), app: String(header.version.app) },
    chain_id: header.chainId,
    height: String(header.height),
    time: formatTime(header.time),
    last_block_id: blockIdJson(header.lastBlockId),
    last_commit_hash: hex(header.lastCommitHash),
    data_hash: hex(header.dataHash),
    validators_hash: hex(header.validatorsHash),
    next_validators_hash: hex(header.nextValidatorsHash),
    consensus_hash: hex(header.consensusHash),
    app_hash: hex(header.appHash),
    last_results_hash: hex(header.lastResultsHash),
    evidence_hash: hex(header.evidenceHash),
    proposer_address: hex(header.proposerAddress),
  };
}
function commitJson() {
  const commit = commitOf(block);
  return {
    height: String(commit.height),
    round: commit.round,
    block_id: blockIdJson(commit.blockId),
    signatures: commit.signatures.map((s) => ({
      block_id_flag: s.blockIdFlag,
      validator_address: hex(s.validatorAddress),
      timestamp: formatTime(s.timestamp),
      signature: s.signature.length === 0 ? null : base64(s.signature),
    })),
  };
}
function validatorJson() {
  const [validator] = validatorSet(three).validators;
  return {
    address: hex(validator?.address ?? new Uint8Array(0)),
    pub_key: { type: 'tendermint/PubKeyEd25519', value: base64(validator?.publicKey.ed25519 ?? new Uint8Array(0)) },
    voting_power: '3',
    proposer_priority: '-2',
  };
}
const blockJson = () => ({
  header: headerJson(),
  data: { txs: ['AAE=', ''] },
  evidence: { evidence: [] },
  last_commit: commitJson(),
});

describe('reading', () => {
  test('gives the same messages', () => {
    expect(Header.encode(headerFromJson(headerJson()))).toEqual(Header.encode(headerOf(block)));
    expect(Commit.encode(commitFromJson(commitJson()))).toEqual(Commit.encode(commitOf(block)));
    const validator = validatorFromJson(validatorJson());
    expect(Validator.decode(Validator.encode(validator))).toEqual({
      ...validatorSet(three).validators[0],
      proposerPriority: -2n,
    });
    const read = blockFromJson(blockJson());
    expect(read.data.txs.map((tx) => [...tx])).toEqual([[0, 1], []]);
    expect(Block.decode(Block.encode(read))).toEqual(read);
  });

  test('takes the other spellings', () => {
    const commit = commitJson();
    const { parts, hash } = commit.block_id;
    expect(commitFromJson({ ...commit, block_id: { hash, part_set_header: parts } })).toEqual(commitOf(block));
    expect(headerFromJson({ ...headerJson(), app_hash: null }).appHash).toHaveLength(0);
    expect(headerFromJson({ ...headerJson(), version: { block: '11' } }).version).toEqual({ block: 11, app: 0 });
    expect(blockFromJson({ ...blockJson(), data: { txs: null }, last_commit: null }).lastCommit).toBeUndefined();
    const { voting_power: power, proposer_priority: _, ...rest } = validatorJson();
    expect(validatorFromJson({ ...rest, power }).votingPower).toBe(3n);
  });
});

describe('refusing', () => {
  test.each([
    [null],
    [[]],
    ['header'],
    [{ height: '-' }],
    [{ height: '99999999999999999999' }],
    [{ height: '9223372036854775807' }],
    [{ height: 1.5 }],
    [{ height: null }],
    [{ time: 'now' }],
    [{ time: 0 }],
    [{ chain_id: 'x'.repeat(51) }],
    [{ data_hash: 'xyz' }],
    [{ data_hash: '00'.repeat(33) }],
    [{ app_hash: '00'.repeat(65) }],
    [{ last_block_id: null }],
    [{ last_block_id: { hash: '' } }],
    [{ last_block_id: { hash: '', parts: { total: -1, hash: '' } } }],
    [{ version: { block: '-1' } }],
    [{ proposer_address: '00'.repeat(21) }],
  ])('header %j', async (change) => {
    const json =
      typeof change === 'object' && change !== null && !Array.isArray(change) ? { ...headerJson(), ...change } : change;
    expect(await codeOf(() => headerFromJson(json))).toBe('PARSE');
  });

  test('commits, validators and blocks', async () => {
    const many = new Array(1_001).fill(commitJson().signatures[0]);
    expect(await codeOf(() => commitFromJson({ ...commitJson(), signatures: many }))).toBe('PARSE');
    expect(await codeOf(() => commitFromJson({ ...commitJson(), signatures: [{}] }))).toBe('PARSE');
    expect(await codeOf(() => validatorFromJson({ ...validatorJson(), pub_key: { type: 'x', value: '' } }))).toBe('PARSE');
    expect(await codeOf(() => validatorFromJson({ ...validatorJson(), voting_power: '9223372036854775808' }))).toBe('PARSE');
    expect(await codeOf(() => blockFromJson({ ...blockJson(), data: { txs: ['?'] } }))).toBe('PARSE');
    expect(await codeOf(() => blockFromJson({ ...blockJson(), evidence: { evidence: [{}] } }))).toBe('UNSUPPORTED');
  });
});

describe('base64', () => {
  test('agrees with Node', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(toHex(fromBase64(base64(bytes)))).toBe(toHex(bytes));
      }),
    );
  });

  test.each(['A', 'AA', 'AAA', 'AA=A', 'A===', 'AB==', 'AAB=', 'AA-_', 'AAAA\n', ' AAA', '===='])(
    'refuses "%s"',
    async (text) => {
      expect(await codeOf(() => fromBase64(text))).toBe('PARSE');
    },
  );
});
