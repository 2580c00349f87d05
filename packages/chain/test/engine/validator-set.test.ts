import { readFileSync } from 'node:fs';
import { validatorAddress } from '@perigee/light-core/comet';
import { equal, fromHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { newValidatorSet, proposerOf, rotate } from '../../src/engine/validator-set.ts';

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
