import { computeProviderKey } from '@perigee/light-core/registration';
import type { VerifiedState } from '@perigee/light-core/roles';
import { STORE, stakedValidatorKey } from '@perigee/light-core/state';
import { ComputeProvider, StakedValidator, TOKEN_DECIMALS, toHex } from '@perigee/wire';

/** Blocks for which a class is remembered: it ranks who waits, and decides nothing else. */
const REMEMBER_BLOCKS = 60;
/** Accounts whose class is remembered. */
const MAX_REMEMBERED = 1_024;

/** Class of an amount that is bonded: how many digits its whole tokens have; 0 below one. Ten times as much is one class more. @param stake smallest units */
export function stakeClassOf(stake: bigint): number {
  const whole = stake / 10n ** BigInt(TOKEN_DECIMALS);
  return whole === 0n ? 0 : whole.toString().length;
}

/** What accounts have bonded, as the chain proves it: behind their validator, and as providers. What unbonds is not counted, nor what stands behind one who signed falsely. */
export class StakeClasses {
  readonly #state: VerifiedState;
  readonly #known = new Map<string, { readonly stakeClass: number; readonly height: number }>();

  constructor(state: VerifiedState) {
    this.#state = state;
  }

  /** @param account 20 bytes @throws what the state throws when it cannot prove */
  async of(account: Uint8Array): Promise<number> {
    const height = this.#state.head()?.height ?? 0;
    const name = toHex(account);
    const known = this.#known.get(name);
    if (known !== undefined && height < known.height + REMEMBER_BLOCKS) return known.stakeClass;
    const [validator, provider] = await Promise.all([
      this.#state.get(STORE.account, stakedValidatorKey(account)),
      this.#state.get(STORE.compute, computeProviderKey(account)),
    ]);
    const { stake = 0n, tombstoned = false } = validator === undefined ? {} : StakedValidator.decode(validator);
    const bonded = (tombstoned ? 0n : stake) + (provider === undefined ? 0n : ComputeProvider.decode(provider).stake);
    const stakeClass = stakeClassOf(bonded);
    this.#known.delete(name);
    this.#known.set(name, { stakeClass, height });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    return stakeClass;
  }
}
