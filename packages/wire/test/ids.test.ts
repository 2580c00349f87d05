import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../../tests/kit/code-of.ts';
import {
  blobIdOf,
  Committee,
  chainIdOf,
  commitmentOf,
  committeeHashOf,
  ed25519Address,
  fromHex,
  genesisHashOf,
  InitChain,
  toHex,
  txIdOf,
  utf8,
} from '../src/index.ts';

const genesis: InitChain = {
  ...InitChain.decode(new Uint8Array(0)),
  time: { seconds: 1_790_000_000, nanos: 5 },
  initialHeight: 1,
  appStateBytes: utf8('state'),
};

test('genesisHash covers everything but the chain id, which carries its start', () => {
  const hash = genesisHashOf(genesis);
  expect(genesisHashOf({ ...genesis, chainId: 'any' })).toEqual(hash);
  expect(genesisHashOf({ ...genesis, initialHeight: 2 })).not.toEqual(hash);
  expect(genesisHashOf({ ...genesis, appStateBytes: utf8('State') })).not.toEqual(hash);
  expect(chainIdOf('local', hash)).toBe(`local-${toHex(hash).slice(0, 8)}`);
});

test.each(['', 'Local', '1st', 'with space', 'a'.repeat(42), '-a', 'ä'])('chain name "%s" is refused', (name) => {
  expect(codeOf(() => chainIdOf(name, new Uint8Array(32)))).toBe('INVALID_ARGUMENT');
});

describe('blob ids', () => {
  const commitment = sha256(utf8('commitment'));
  test('there and back', () => {
    expect(toHex(blobIdOf(commitment))).toBe(`00${toHex(commitment)}`);
    expect(commitmentOf(blobIdOf(commitment))).toEqual(commitment);
  });
  test.each([
    ['another version', `01${toHex(commitment)}`],
    ['too short', `00${toHex(commitment).slice(2)}`],
    ['too long', `00${toHex(commitment)}00`],
    ['empty', ''],
  ])('refuses %s', (_, hex) => {
    expect(codeOf(() => commitmentOf(fromHex(hex)))).toBe('BLOB_VERSION');
  });
});

test('an ed25519 account has an address of its own kind', () => {
  const key = new Uint8Array(32).fill(7);
  expect(toHex(ed25519Address(key))).toBe(
    toHex(sha256(Uint8Array.from([...utf8('perigee/addr/ed25519/v0'), ...key]))).slice(0, 40),
  );
  expect(ed25519Address(key)).not.toEqual(sha256(key).slice(0, 20));
});

test('hashes of transactions and committees are those of their bytes', () => {
  expect(txIdOf(utf8('tx'))).toEqual(sha256(utf8('tx')));
  const committee: Committee = { members: [{ address: new Uint8Array(20), publicKey: new Uint8Array(32), stake: 3n }] };
  expect(committeeHashOf(committee)).toEqual(sha256(Committee.encode(committee)));
});
