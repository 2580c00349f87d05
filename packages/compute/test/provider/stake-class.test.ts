import { computeProviderKey } from '@perigee/light-core/registration';
import type { VerifiedHead, VerifiedState } from '@perigee/light-core/roles';
import { STORE, stakedValidatorKey } from '@perigee/light-core/state';
import { ComputeProvider, StakedValidator, toHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { StakeClasses, stakeClassOf } from '../../src/provider/chain/stake-class.ts';

const TOKEN = 10n ** 18n;

/** A state that holds what is written into it. */
class TestState implements VerifiedState {
  readonly values = new Map<string, Uint8Array>();
  height = 1;
  reads = 0;

  set(store: string, key: Uint8Array, value: Uint8Array): void {
    this.values.set(`${store} ${toHex(key)}`, value);
  }

  async get(store: string, key: Uint8Array): Promise<Uint8Array | undefined> {
    this.reads++;
    return this.values.get(`${store} ${toHex(key)}`);
  }

  head(): VerifiedHead {
    return { height: this.height } as VerifiedHead;
  }

  onHead(): () => void {
    return () => {};
  }
}

it('the class of a stake is the number of digits of its whole tokens', () => {
  const stakes = [0n, 1n, TOKEN - 1n, TOKEN, 9n * TOKEN, 10n * TOKEN, 10n ** 9n * TOKEN];
  expect(stakes.map(stakeClassOf)).toEqual([0, 0, 0, 1, 1, 2, 10]);
});

it('what an account has bonded, as validator and as provider, is read of the state, and remembered for a while', async () => {
  const state = new TestState();
  const classes = new StakeClasses(state);
  const [plain, validator, liar] = [1, 2, 3].map((byte) => new Uint8Array(20).fill(byte)) as [Uint8Array, Uint8Array, Uint8Array];
  const staked = (tombstoned: boolean) =>
    StakedValidator.encode({ validatorKey: new Uint8Array(32).fill(1), stake: 60n * TOKEN, unbonding: [], tombstoned });
  state.set(STORE.account, stakedValidatorKey(validator), staked(false));
  state.set(STORE.account, stakedValidatorKey(liar), staked(true));
  expect([await classes.of(plain), await classes.of(validator), await classes.of(liar)]).toEqual([0, 2, 0]);
  const provider = ComputeProvider.encode({ signers: [], stake: 50n * TOKEN, unbonding: [] });
  state.set(STORE.compute, computeProviderKey(validator), provider);
  const { reads } = state;
  expect([await classes.of(validator), state.reads]).toEqual([2, reads]);
  state.height += 60;
  expect(await classes.of(validator)).toBe(3);
});
