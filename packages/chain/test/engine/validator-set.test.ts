import { readFileSync } from 'node:fs';
import { validatorAddress } from '@perigee/light-core/comet';
import { equal, fromHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { newValidatorSet, proposerOf, rotate, withPowers } from '../../src/engine/validator-set.ts';

const vectors: {
  readonly keys: readonly string[];
  readonly answers: readonly {
    readonly powers: readonly number[];
    readonly proposers: readonly number[];
    readonly priorities: readonly number[];
  }[];
} = JSON.parse(readFileSync(new URL('../../../../tests/vectors/proposers.json', import.meta.url), 'utf8'));

describe('proposers', () => {
  for (const { powers, proposers, priorities } of vectors.answers) {
    it(`of powers ${powers.join(', ')} follow each other as in CometBFT`, () => {
      const keys = vectors.keys.map((key) => fromHex(key, 32));
      const placeOf = (address: Uint8Array) => keys.findIndex((key) => equal(validatorAddress(key), address));
      let set = newValidatorSet(powers.map((power, i) => ({ publicKey: keys[i] ?? new Uint8Array(0), power: BigInt(power) })));
      const got = proposers.map(() => {
        const place = placeOf(proposerOf(set).address);
        set = rotate(set);
        return place;
      });
      expect(got).toEqual(proposers);
      for (const { address, proposerPriority } of set.validators)
        expect(Number(proposerPriority)).toBe(priorities[placeOf(address)]);
    });
  }
});

it("changes powers of those that are there, in CometBFT's order, and takes nobody else in or out", () => {
  const keys = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
  const set = newValidatorSet(keys.map((publicKey) => ({ publicKey, power: 10n })));
  const change = (byte: number, power: number) => ({ publicKey: { ed25519: new Uint8Array(32).fill(byte) }, power });
  const changed = withPowers(set, [change(3, 30)]);
  expect(changed.totalVotingPower).toBe(50n);
  expect(changed.validators.map(({ votingPower }) => votingPower)).toEqual([30n, 10n, 10n]);
  expect(changed.validators[0]?.publicKey.ed25519).toEqual(keys[2]);
  const priorities = ({ validators }: typeof set) => validators.map(({ proposerPriority }) => proposerPriority).sort();
  expect(priorities(changed)).toEqual(priorities(set));
  expect(withPowers(set, [])).toBe(set);
  for (const changes of [[change(4, 10)], [change(1, 0)]]) {
    expect(() => withPowers(set, changes)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  }
});
