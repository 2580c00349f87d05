import { timestampOfMs, validatorAddress } from '@perigee/light-core/comet';
import {
  committeeKey,
  SLASH_POOL,
  STAKE_POOL,
  STORE,
  stakedValidatorKey,
  VALIDATOR_LIST_KEY,
  validatorOwnerKey,
} from '@perigee/light-core/state';
import { Committee, ed25519Address, MAX_STAKERS, StakedValidator, toHex, ValidatorList } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import type { Misbehavior } from '../../src/application/index.ts';
import { type Genesis, type GenesisOptions, RESULT_CODE } from '../../src/index.ts';
import { readAccount } from '../../src/machine/accounts.ts';
import { TOKEN } from '../../src/machine/validators.ts';
import { addressOf, GENESIS_TIME, genesisOf, signerOf, transferTx } from '../devnet.ts';
import { type Driven, drive, finalizeOf } from './drive.ts';

const RULES = { unbondingBlocks: 5, unbondingSeconds: 20, maxValidators: 3 };
const keyOf = (name: string) => signerOf(`validator ${name}`).publicKey;
const committeeKeyOf = (name: string) => signerOf(`committee ${name}`).publicKey;

/** Of stakes that unbond after 5 blocks and 20 s. */
function stakesOf(tokens: Readonly<Record<string, bigint>>) {
  return Object.entries(tokens).map(([name, amount]) => ({
    address: addressOf(name),
    validatorKey: keyOf(name),
    amount: amount * TOKEN,
  }));
}

/** Alice and bob have staked 10 and 20 tokens, carol and dave have tokens to stake. Evidence is valid for 4 blocks and 10 s. */
function stakedGenesis(change: Partial<GenesisOptions> = {}): Genesis {
  return genesisOf({
    validators: [],
    stakes: [
      { address: addressOf('alice'), validatorKey: keyOf('alice'), amount: 10n * TOKEN },
      { address: addressOf('bob'), validatorKey: keyOf('bob'), committeeKey: committeeKeyOf('bob'), amount: 20n * TOKEN },
    ],
    staking: RULES,
    evidence: { blocks: 4, seconds: 10 },
    accounts: ['alice', 'bob', 'carol', 'dave'].map((name) => ({ address: addressOf(name), balance: 1_000n * TOKEN })),
    epochBlocks: 10,
    maxRetentionBlocks: 5,
    ...change,
  });
}
const genesis = stakedGenesis();

class Staked {
  readonly #nonces = new Map<string, number>();
  private constructor(readonly chain: Driven) {}

  static async begin(from = genesis): Promise<Staked> {
    const staked = new Staked(await drive(from));
    await staked.block([]);
    return staked;
  }

  tx(from: string, message: object): Promise<Uint8Array> {
    const nonce = this.#nonces.get(from) ?? 0;
    this.#nonces.set(from, nonce + 1);
    return transferTx(this.chain.genesis, { from, nonce, messages: [message] });
  }

  stake(from: string, tokens: bigint, change: object = {}): Promise<Uint8Array> {
    return this.tx(from, { stake: { amount: tokens * TOKEN, validatorKey: keyOf(from), ...change } });
  }

  unstake(from: string, tokens: bigint): Promise<Uint8Array> {
    return this.tx(from, { unstake: { amount: tokens * TOKEN } });
  }

  /** A block a second. */
  async block(txs: Promise<Uint8Array>[], misbehavior: readonly Misbehavior[] = [], secondsLater = 0) {
    const height = this.chain.height() + 1;
    const time = timestampOfMs(GENESIS_TIME + 1_000 * (height + secondsLater));
    const response = await this.chain.block(await Promise.all(txs), { time, misbehavior });
    const names = new Map(['alice', 'bob', 'carol', 'dave', 'erin'].map((name) => [toHex(keyOf(name)), name]));
    return {
      ...response,
      codes: response.txResults.map(({ code }) => code),
      updates: Object.fromEntries(
        response.validatorUpdates.map(({ publicKey, power }) => [
          names.get(toHex(publicKey.ed25519 ?? new Uint8Array(0))),
          power,
        ]),
      ),
    };
  }

  async skipTo(height: number): Promise<void> {
    while (this.chain.height() < height) await this.block([]);
  }

  validator(name: string): StakedValidator | undefined {
    const raw = this.chain.value(STORE.account, stakedValidatorKey(addressOf(name)));
    return raw === undefined ? undefined : StakedValidator.decode(raw);
  }

  pool(address: Uint8Array): bigint {
    return readAccount({ get: this.chain.value }, address)?.balance ?? 0n;
  }

  balance(name: string): bigint {
    return this.chain.account(name).balance / TOKEN;
  }
}

function fault(name: string, height: number, power: bigint, type: Misbehavior['type'] = 'duplicateVote'): Misbehavior {
  const validator = { address: validatorAddress(keyOf(name)), power };
  return { type, validator, height, time: timestampOfMs(GENESIS_TIME), totalVotingPower: 30n };
}

describe('stake', () => {
  it('gives power by whole tokens, and tells consensus of every change', async () => {
    const staked = await Staked.begin();
    expect((await staked.block([staked.stake('carol', 3n)])).updates).toEqual({ carol: 3 });
    const half = staked.tx('carol', { stake: { amount: TOKEN / 2n, validatorKey: keyOf('carol') } });
    expect((await staked.block([half])).updates).toEqual({});
    const more = staked.tx('carol', { stake: { amount: TOKEN / 2n, validatorKey: keyOf('carol') } });
    expect((await staked.block([more])).updates).toEqual({ carol: 4 });
    expect((await staked.block([staked.stake('dave', 5n)])).updates).toEqual({ carol: 0, dave: 5 });
    expect((await staked.block([staked.unstake('alice', 7n)])).updates).toEqual({ alice: 0, carol: 4 });
    expect(staked.pool(STAKE_POOL)).toBe(39n * TOKEN);
    await staked.chain.machine.close();
  });

  it('is refused below a token, with another key, with a key of another, and of more than there is', async () => {
    const staked = await Staked.begin();
    const { codes, updates } = await staked.block([
      staked.stake('carol', 0n),
      staked.tx('carol', { stake: { amount: TOKEN - 1n, validatorKey: keyOf('carol') } }),
      staked.stake('alice', 1n, { validatorKey: keyOf('carol') }),
      staked.stake('carol', 1n, { validatorKey: keyOf('alice') }),
      staked.stake('carol', 1n, { committeeKey: committeeKeyOf('bob') }),
      staked.stake('carol', 5_000n),
      staked.unstake('carol', 1n),
      staked.unstake('alice', 11n),
      staked.unstake('alice', 0n),
      staked.tx('alice', { unstake: { amount: 9n * TOKEN + 1n } }),
    ]);
    expect(codes).toEqual(codes.map(() => RESULT_CODE.TX_MESSAGE));
    expect(updates).toEqual({});
    await staked.chain.machine.close();
  });

  it('comes back after the blocks and the time of unbonding, and not before', async () => {
    const staked = await Staked.begin();
    await staked.block([staked.unstake('alice', 4n)]);
    expect(staked.validator('alice')).toMatchObject({ stake: 6n * TOKEN, unbonding: [{ amount: 4n * TOKEN, releaseHeight: 7 }] });
    await staked.skipTo(21);
    expect(staked.balance('alice')).toBe(1_000n);
    await staked.skipTo(22);
    expect(staked.balance('alice')).toBe(1_004n);
    expect(staked.validator('alice')?.unbonding).toEqual([]);
    await staked.chain.machine.close();
  });

  it('comes back by height when time has run ahead, and an empty validator is forgotten', async () => {
    const staked = await Staked.begin();
    await staked.block([staked.unstake('alice', 10n)]);
    for (let height = 3; height <= 6; height++) await staked.block([], [], 100);
    expect(staked.balance('alice')).toBe(1_000n);
    await staked.block([], [], 100);
    expect(staked.balance('alice')).toBe(1_010n);
    expect(staked.validator('alice')).toBeUndefined();
    expect(staked.chain.value(STORE.account, validatorOwnerKey(validatorAddress(keyOf('alice'))))).toBeUndefined();
    expect((await staked.block([staked.stake('carol', 1n, { validatorKey: keyOf('alice') })], [], 100)).codes).toEqual([0]);
    await staked.chain.machine.close();
  });

  it('is never taken back by the last validator, nor more than sixteen times at once', async () => {
    const staked = await Staked.begin();
    expect((await staked.block([staked.unstake('alice', 10n), staked.unstake('bob', 20n)])).codes).toEqual([
      0,
      RESULT_CODE.TX_MESSAGE,
    ]);
    const { codes } = await staked.block(Array.from({ length: 17 }, () => staked.unstake('bob', 1n)));
    expect(codes).toEqual([...Array.from({ length: 16 }, () => 0), RESULT_CODE.TX_MESSAGE]);
    await staked.chain.machine.close();
  });

  it('comes back also to one whose place in a full list went to another', async () => {
    const many = Object.fromEntries(Array.from({ length: MAX_STAKERS - 1 }, (_, i) => [`other ${i}`, 5n]));
    const staked = await Staked.begin(stakedGenesis({ stakes: stakesOf({ ...many, alice: 3n }) }));
    const listed = () =>
      ValidatorList.decode(staked.chain.value(STORE.account, VALIDATOR_LIST_KEY) ?? new Uint8Array(0)).validators.map(
        ({ address }) => toHex(address),
      );
    const [alice, carol] = [toHex(addressOf('alice')), toHex(addressOf('carol'))];
    const { codes } = await staked.block([staked.stake('carol', 3n), staked.unstake('alice', 1n), staked.stake('carol', 3n)]);
    expect(codes).toEqual([RESULT_CODE.TX_MESSAGE, 0, 0]);
    expect([listed().length, listed().includes(alice), listed().includes(carol)]).toEqual([MAX_STAKERS, false, true]);
    expect((await staked.block([staked.unstake('alice', 1n)])).codes).toEqual([0]);
    await staked.skipTo(25);
    expect(staked.balance('alice')).toBe(1_002n);
    // with a place free again, the stake that stayed counts with what is added
    expect((await staked.block([staked.unstake('carol', 3n), staked.stake('alice', 1n)])).codes).toEqual([0, 0]);
    expect([listed().includes(alice), listed().includes(carol)]).toEqual([true, false]);
    await staked.chain.machine.close();
  });

  it('is the stake of the committee from the next epoch on', async () => {
    const staked = await Staked.begin();
    await staked.block([staked.stake('carol', 3n, { committeeKey: committeeKeyOf('carol') })]);
    await staked.skipTo(11);
    const members = (epoch: number) =>
      Committee.decode(staked.chain.value(STORE.da, committeeKey(epoch)) ?? new Uint8Array(0)).members.map(
        ({ address, stake }) => [toHex(address), stake],
      );
    expect(members(0)).toEqual(genesis.committee.members.map(({ address, stake }) => [toHex(address), stake]));
    const expected = [
      [toHex(ed25519Address(committeeKeyOf('bob'))), 20n],
      [toHex(ed25519Address(committeeKeyOf('carol'))), 3n],
    ];
    expect(members(1)).toEqual(expected.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
    await staked.chain.machine.close();
  });

  it('cannot be put down where genesis has no rules of stake', async () => {
    const chain = await drive();
    const raw = await transferTx(chain.genesis, { messages: [{ stake: { amount: 1n, validatorKey: keyOf('alice') } }] });
    expect((await chain.block([raw])).txResults).toMatchObject([{ code: RESULT_CODE.TX_MESSAGE }]);
    await chain.machine.close();
  });
});

describe('a validator that signed falsely', () => {
  it('loses its share and its power, once and for good', async () => {
    const staked = await Staked.begin();
    const { updates, events } = await staked.block([], [fault('bob', 1, 20n)]);
    expect(updates).toEqual({ bob: 0 });
    expect(events).toMatchObject([{ type: 'slash' }]);
    expect(staked.validator('bob')).toMatchObject({ stake: 19n * TOKEN, tombstoned: true });
    expect(staked.pool(SLASH_POOL)).toBe(TOKEN);
    const again = await staked.block(
      [staked.stake('bob', 1n)],
      [fault('bob', 1, 20n), fault('bob', 2, 20n, 'lightClientAttack')],
    );
    expect([again.updates, again.codes, again.events]).toEqual([{}, [RESULT_CODE.TX_MESSAGE], []]);
    expect(staked.pool(SLASH_POOL)).toBe(TOKEN);
    expect((await staked.block([staked.unstake('bob', 19n)])).codes).toEqual([0]);
    // the key stays taken
    await staked.skipTo(40);
    expect((await staked.block([staked.stake('carol', 1n, { validatorKey: keyOf('bob') })])).codes).toEqual([
      RESULT_CODE.TX_MESSAGE,
    ]);
    await staked.chain.machine.close();
  });

  it('pays out of what it has been taking back since, and not out of what it took before', async () => {
    const staked = await Staked.begin();
    await staked.block([staked.unstake('bob', 4n)]); // height 2: in force from 4 on
    await staked.skipTo(5);
    await staked.block([], [fault('bob', 3, 20n)]);
    expect(staked.validator('bob')).toMatchObject({
      stake: 16n * TOKEN - (8n * TOKEN) / 10n,
      unbonding: [{ amount: 4n * TOKEN - (2n * TOKEN) / 10n }],
    });
    await staked.chain.machine.close();
    const other = await Staked.begin();
    await other.block([other.unstake('bob', 4n)]);
    await other.skipTo(5);
    await other.block([], [fault('bob', 4, 16n, 'lightClientAttack')]);
    expect(other.validator('bob')).toMatchObject({
      stake: 16n * TOKEN - (8n * TOKEN) / 10n,
      unbonding: [{ amount: 4n * TOKEN }],
    });
    await other.chain.machine.close();
  });

  it('keeps its power when it is the last, and loses no more than it has', async () => {
    const staked = await Staked.begin();
    await staked.block([staked.unstake('alice', 10n)]);
    const { updates } = await staked.block([], [fault('bob', 1, 10_000n)]);
    expect(updates).toEqual({ bob: 1 });
    expect(staked.validator('bob')).toMatchObject({ stake: TOKEN, tombstoned: false });
    await staked.chain.machine.close();
  });

  it('leaves to the next in the list, where only one signs', async () => {
    const staked = await Staked.begin(
      stakedGenesis({ stakes: stakesOf({ alice: 10n, bob: 20n }), staking: { ...RULES, maxValidators: 1 } }),
    );
    const { updates } = await staked.block([], [fault('bob', 1, 20n)]);
    expect(updates).toEqual({ alice: 10, bob: 0 });
    expect(staked.validator('bob')?.tombstoned).toBe(true);
    await staked.chain.machine.close();
  });

  it('pays no fee with what it loses in the same block, in a proposal as in the block', async () => {
    const gasPrice = 1_000n;
    const [gasLimit, maxFee] = [10_000, 10_000n * gasPrice];
    const accounts = ['alice', 'dave'].map((name) => ({ address: addressOf(name), balance: name === 'alice' ? maxFee : TOKEN }));
    const staking = { ...RULES, slashDuplicateVote: 10_000 };
    const { chain } = await Staked.begin(stakedGenesis({ gasPrice, accounts, staking }));
    const tx = (nonce: number, message: object) => transferTx(chain.genesis, { nonce, gasLimit, maxFee, messages: [message] });
    const at = (height: number) => ({ height, time: timestampOfMs(GENESIS_TIME + 60_000 * height) });
    await chain.block([await tx(0, { unstake: { amount: 4n * TOKEN } })], at(2));
    for (let height = 3; height <= 6; height++) await chain.block([], at(height));
    // what is left of the first fee is too little for another
    const spend = await tx(1, { transfer: { to: addressOf('dave'), amount: 1n } });
    expect((await chain.machine.checkTx({ tx: spend, type: 'new' })).code).toBe(RESULT_CODE.TX_FEE);
    const proposal = { ...at(7), txs: [spend] };
    const misbehavior = [fault('alice', 2, 10n)];
    const propose = async (change: object) => ({
      ...(await chain.machine.processProposal({ ...proposal, ...change })),
      taken: (await chain.machine.prepareProposal({ ...proposal, ...change, maxTxBytes: 1e6 })).txs.length,
    });
    expect(await propose({})).toEqual({ accept: true, taken: 1 });
    expect(await propose({ misbehavior })).toEqual({ accept: false, taken: 0 });
    const { txResults } = await chain.block([spend], { ...at(7), misbehavior });
    expect(txResults).toMatchObject([{ code: RESULT_CODE.TX_FEE, gasUsed: 0 }]);
    await chain.machine.close();
  });

  it('is nobody on this chain', async () => {
    const staked = await Staked.begin();
    const { appHash } = await staked.block([], [fault('erin', 1, 20n)]);
    expect(appHash).toEqual((await staked.block([])).appHash);
    const chain = await drive();
    await chain.machine.finalizeBlock({ ...finalizeOf([], 1), misbehavior: [fault('alice', 1, 20n)] });
    await chain.machine.close();
    await staked.chain.machine.close();
  });
});
