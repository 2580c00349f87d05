import { STAKE_POOL } from '@perigee/light-core/state';
import { MAX_UNBONDING, TRUSTING_PERIOD_MS } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import type { GenesisOptions } from '../../src/index.ts';
import { TOKEN } from '../../src/machine/validators.ts';
import { addressOf, genesisOf, signerOf } from '../devnet.ts';

const stakeOf = (name: string, tokens = 5n) => ({
  address: addressOf(name),
  validatorKey: signerOf(`validator ${name}`).publicKey,
  amount: tokens * TOKEN,
});
const EVIDENCE = { blocks: 10, seconds: 20 };
const RULES = { unbondingBlocks: 11, unbondingSeconds: 21 };

function staked(change: Partial<GenesisOptions> = {}) {
  return genesisOf({
    validators: [],
    stakes: [stakeOf('alice'), stakeOf('bob')],
    evidence: EVIDENCE,
    staking: RULES,
    maxRetentionBlocks: 5,
    ...change,
  });
}

describe('rules of stake', () => {
  it('are taken when stake can be slashed for as long as evidence is valid', () => {
    expect(staked().appState.staking).toMatchObject(RULES);
    expect(genesisOf({ validators: [], stakes: [stakeOf('alice')] }).appState.staking?.maxValidators).toBe(100);
  });

  it('let the smaller address sign where power is equal and places are few', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (let maxValidators = 1; maxValidators <= names.length; maxValidators++) {
      const { initChain } = staked({ stakes: names.map((name) => stakeOf(name)), staking: { ...RULES, maxValidators } });
      expect(initChain.validators).toHaveLength(maxValidators);
    }
  });

  it('are worth what light clients trust, but on a chain for development', () => {
    const seconds = TRUSTING_PERIOD_MS / 1_000;
    const staking = { ...RULES, unbondingSeconds: seconds + 1 };
    expect(staked({ development: false, staking, evidence: { blocks: 10, seconds } }).appState.staking).toMatchObject(staking);
    expect(() => staked({ development: false, staking, evidence: { blocks: 10, seconds: seconds - 1 } })).toThrow(
      expect.objectContaining({ code: 'GENESIS', message: expect.stringContaining('light clients') }),
    );
  });

  const bad: Record<string, Partial<GenesisOptions>> = {
    'blocks of unbonding that end with the evidence': { staking: { ...RULES, unbondingBlocks: 10 } },
    'seconds of unbonding that end with the evidence': { staking: { ...RULES, unbondingSeconds: 20 } },
    'unbonding beyond all numbers': { staking: { ...RULES, unbondingBlocks: MAX_UNBONDING + 1 } },
    'retention beyond unbonding': { maxRetentionBlocks: 12 },
    'room for no validator': { staking: { ...RULES, maxValidators: 0 } },
    'a stake of the pool itself': { stakes: [{ ...stakeOf('alice'), address: STAKE_POOL }] },
    'less than a token': { stakes: [{ ...stakeOf('alice'), amount: TOKEN - 1n }] },
    'one account twice': { stakes: [stakeOf('alice'), stakeOf('alice')] },
    'one key twice': { stakes: [stakeOf('alice'), { ...stakeOf('bob'), validatorKey: stakeOf('alice').validatorKey }] },
    'validators that have staked nothing': { validators: [{ publicKey: signerOf('v0').publicKey, power: 5 }] },
    'more tokens than power can be made of': { stakes: [stakeOf('alice', (1n << 50n) + 1n)] },
  };
  for (const [what, change] of Object.entries(bad)) {
    it(`are refused with ${what}`, () => {
      expect(() => staked(change)).toThrow(expect.objectContaining({ code: 'GENESIS' }));
    });
  }
});
