import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import {
  type Block,
  type Commit,
  equal,
  fromBase64,
  fromHex,
  type HeaderAnswer,
  toHex,
  type Validator,
  verifyMerklePath,
} from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import {
  anchor,
  blockFromJson,
  commitFromJson,
  commitHash,
  commitSignBytes,
  consensusHash,
  dataHash,
  evidenceHash,
  headerFromJson,
  headerHash,
  lastResultsHash,
  partSetHeader,
  unverified,
  validatorFromJson,
  validatorSetHash,
  verify,
} from '../../src/comet/index.ts';
import { bestEd25519 } from '../../src/signature/index.ts';
import { hasRecorded, recorded } from './recorded.ts';

const FOLDER = 'kvstore_v0_38';
const upper = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();

describe.skipIf(!hasRecorded)('blocks recorded from CometBFT 0.38 (../shared/vectors/comet)', () => {
  const genesis = hasRecorded ? recorded(`${FOLDER}/genesis.json`).result.genesis : undefined;
  const validators: Validator[] = hasRecorded ? genesis.validators.map(validatorFromJson) : [];

  function expectCommit(commit: Commit, headerHash: Uint8Array): void {
    expect(upper(commit.blockId.hash)).toBe(upper(headerHash));
    expect(commit.signatures).toHaveLength(validators.length);
    commit.signatures.forEach((signature, i) => {
      const key = validators[i]?.publicKey.ed25519 ?? new Uint8Array(0);
      expect(ed25519.verify(signature.signature, commitSignBytes(genesis.chain_id, commit, i), key)).toBe(true);
    });
  }

  function expectBlock(block: Block, id: { hash: string; parts: { total: number; hash: string } }): void {
    const { header } = block;
    expect(upper(headerHash(header))).toBe(id.hash);
    const parts = partSetHeader(block);
    expect({ total: parts.total, hash: upper(parts.hash) }).toEqual(id.parts);
    expect(upper(dataHash(block.data.txs))).toBe(upper(header.dataHash));
    expect(upper(evidenceHash())).toBe(upper(header.evidenceHash));
    expect(upper(validatorSetHash(validators))).toBe(upper(header.validatorsHash));
    expect(upper(validatorSetHash(validators))).toBe(upper(header.nextValidatorsHash));
    expect(upper(block.lastCommit === undefined ? new Uint8Array(0) : commitHash(block.lastCommit))).toBe(
      upper(header.lastCommitHash),
    );
    if (block.lastCommit !== undefined && header.height > 1) expectCommit(block.lastCommit, header.lastBlockId.hash);
    const { max_bytes: maxBytes, max_gas: maxGas } = genesis.consensus_params.block;
    expect(upper(consensusHash({ maxBytes: BigInt(maxBytes), maxGas: BigInt(maxGas) }))).toBe(upper(header.consensusHash));
    expect(upper(lastResultsHash([]))).toBe(upper(header.lastResultsHash));
  }

  test.each(['block_at_height_1', 'block_at_height_10'])('%s: every hash and the commit', (name) => {
    const { block, block_id } = recorded(`${FOLDER}/${name}.json`).result;
    expectBlock(blockFromJson(block), block_id);
  });

  test('block_search: every hash and every commit of 45 blocks in a row', () => {
    const { blocks } = recorded(`${FOLDER}/block_search.json`).result;
    expect(blocks).toHaveLength(45);
    let previous: string | undefined;
    for (const { block, block_id } of blocks) {
      const read = blockFromJson(block);
      expectBlock(read, block_id);
      if (previous !== undefined) expect(upper(read.header.lastBlockId.hash)).toBe(previous);
      previous = block_id.hash;
    }
  });

  test('block_search: the light client follows the chain, block by block and in one step', async () => {
    const blocks: Block[] = recorded(`${FOLDER}/block_search.json`).result.blocks.map((b: { block: unknown }) =>
      blockFromJson(b.block),
    );
    // the commit of a block comes with the next block
    const answers: HeaderAnswer[] = blocks.slice(0, -1).map(({ header }, i) => {
      const commit = blocks[i + 1]?.lastCommit;
      return { block: { signedHeader: { header, commit }, validatorSet: { validators, totalVotingPower: 10n } } };
    });
    const [first, ...rest] = answers;
    const { header } = blocks[0] as Block;
    const { height, time, chainId } = header;
    const root = { chainId, height, time, headerHash: headerHash(header), genesisHash: new Uint8Array(32), peers: [] };
    const options = { now: Date.parse('2023-05-17T14:20:00Z'), verifyEd25519: bestEd25519(crypto.subtle) };
    const start = await anchor(root, unverified(first as HeaderAnswer), options);
    let trusted = start;
    for (const answer of rest) trusted = await verify(trusted, unverified(answer), options);
    expect(trusted.header.height).toBe(45);
    expect(await verify(start, unverified(answers.at(-1) as HeaderAnswer), options)).toEqual(trusted);
  });

  test('blockchain_from_1_to_10: every header hash', () => {
    const metas = recorded(`${FOLDER}/blockchain_from_1_to_10.json`).result.block_metas;
    expect(metas).toHaveLength(10);
    for (const meta of metas) expect(upper(headerHash(headerFromJson(meta.header)))).toBe(meta.block_id.hash);
  });

  test('commit_at_height_10: header hash and signature', () => {
    const { header, commit } = recorded(`${FOLDER}/commit_at_height_10.json`).result.signed_header;
    expectCommit(commitFromJson(commit), headerHash(headerFromJson(header)));
  });

  test('tx_search_with_prove: every transaction is proved under its data hash', () => {
    const { txs } = recorded(`${FOLDER}/tx_search_with_prove.json`).result;
    expect(txs).toHaveLength(9);
    for (const { hash, proof, tx } of txs) {
      const raw = fromBase64(tx);
      expect(upper(sha256(raw))).toBe(hash);
      const { aunts, index, total } = proof.proof;
      const root = fromHex(proof.root_hash);
      verifyMerklePath(root, sha256(raw), Number(index), Number(total), aunts.map(fromBase64));
      if (Number(total) === 1) expect(equal(dataHash([raw]), root)).toBe(true);
    }
  });
});
