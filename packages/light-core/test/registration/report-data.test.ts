/** Report data and keys of the state are final: their bytes are stored. */
import { readFileSync, writeFileSync } from 'node:fs';
import {
  auditKey,
  type BoundKeys,
  blockReferenceKey,
  computeBalanceKey,
  computeProviderKey,
  possessionSignBytes,
  REGISTRATION_LIST_KEY,
  registrationKey,
  registrationPlaceKey,
  reportDataOf,
  retiredRegistrationKey,
  settledListKey,
  settledListsKey,
  settledOrderKey,
} from '@perigee/light-core/registration';
import { toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';

const FILE = new URL('../../../../tests/vectors/registration.json', import.meta.url);

const filled = (length: number, value: number) => new Uint8Array(length).fill(value);
const signer = { scheme: 1, key: filled(32, 3) };
const bound: BoundKeys = {
  genesisHash: filled(32, 1),
  provider: filled(20, 2),
  signer,
  encryptionKey: filled(32, 4),
  modelRoot: filled(32, 5),
  boundHeight: 1_000_000,
  boundHash: filled(32, 6),
};
const ethereum = { ...bound, signer: { scheme: 2, key: filled(20, 3) } };

const made = {
  reportData: toHex(reportDataOf(bound)),
  reportDataOfEthereumKey: toHex(reportDataOf(ethereum)),
  possession: toHex(possessionSignBytes(reportDataOf(bound))),
  keys: {
    registration: toHex(registrationKey(signer)),
    retired: toHex(retiredRegistrationKey(signer)),
    provider: toHex(computeProviderKey(filled(20, 2))),
    list: toHex(REGISTRATION_LIST_KEY),
    place: toHex(registrationPlaceKey(258)),
    balance: toHex(computeBalanceKey(filled(20, 7))),
    block: toHex(blockReferenceKey(1_000_000)),
    settled: toHex(settledOrderKey(filled(20, 7), filled(20, 9), filled(16, 8))),
    lists: toHex(settledListsKey(1_000_000)),
    settledList: toHex(settledListKey(1_000_000, 2)),
    audit: toHex(auditKey(filled(32, 9), filled(20, 10))),
  },
};

if (process.env.PERIGEE_WRITE_FIXTURES === '1') {
  const source = 'written by this project when the formats were fixed';
  writeFileSync(FILE, `${JSON.stringify({ version: 1, source, ...made }, null, 2)}\n`);
}

describe('what evidence binds', () => {
  it('has the bytes that it always had, and so have keys of the state', () => {
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).toMatchObject(made);
  });

  it('is 64 bytes: a hash, the version, and zeros', () => {
    const data = reportDataOf(bound);
    expect(data).toHaveLength(64);
    expect(toHex(data.subarray(32))).toBe(`00000001${'00'.repeat(28)}`);
  });

  it('differs with every part', () => {
    const changes: Partial<BoundKeys>[] = [
      { genesisHash: filled(32, 9) },
      { provider: filled(20, 9) },
      { signer: { scheme: 1, key: filled(32, 9) } },
      { signer: ethereum.signer },
      { encryptionKey: filled(32, 9) },
      { modelRoot: filled(32, 9) },
      { boundHeight: 1_000_001 },
      { boundHash: filled(32, 9) },
    ];
    const all = [{}, ...changes].map((change) => toHex(reportDataOf({ ...bound, ...change })));
    expect(new Set(all).size).toBe(all.length);
  });

  it('is made of parts of the right length only', () => {
    const wrong: Partial<BoundKeys>[] = [
      { provider: filled(21, 2) },
      { modelRoot: filled(31, 5) },
      { encryptionKey: filled(0, 0) },
      { signer: { scheme: 1, key: filled(20, 3) } },
      { signer: { scheme: 3, key: filled(32, 3) } },
    ];
    for (const change of wrong) {
      expect(() => reportDataOf({ ...bound, ...change })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });
});
