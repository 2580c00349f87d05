import { readFileSync } from 'node:fs';
import { chainFloorsOf } from '@perigee/light-core/attest/bundle';
import { AppState, chainIdOf, fromHex, genesisHashOf, InitChain, PerigeeError, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { checkGenesis, createGenesis, decodeGenesis, encodeGenesis } from '../../src/index.ts';
import { addressOf, genesisOf, signerOf } from '../devnet.ts';

const genesis = genesisOf();

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof PerigeeError)) throw error;
    return error.code;
  }
}

/** With the chain id that belongs to it. */
function changed(change: Partial<InitChain>): InitChain {
  const initChain = { ...genesis.initChain, ...change };
  return { ...initChain, chainId: chainIdOf('test', genesisHashOf(initChain)) };
}

function withState(change: Partial<AppState>): InitChain {
  return changed({ appStateBytes: AppState.encode({ ...genesis.appState, ...change }) });
}

function withParams(change: InitChain['consensusParams']): InitChain {
  return changed({ consensusParams: { ...genesis.initChain.consensusParams, ...change } });
}

describe('genesis', () => {
  it('gives the chain id its hash, and is read as it was written', () => {
    expect(genesis.initChain.chainId).toBe(`test-${toHex(genesis.genesisHash.subarray(0, 4))}`);
    expect(decodeGenesis(encodeGenesis(genesis))).toEqual(genesis);
    // the chain id is no part of the hash
    expect(genesisHashOf({ ...genesis.initChain, chainId: 'other' })).toEqual(genesis.genesisHash);
    expect(genesisHashOf(withState({ development: false }))).not.toEqual(genesis.genesisHash);
  });

  it('carries floors of collateral, in one order', () => {
    const floors = { 'intel/tdx/b0c06f000000/tcbInfo': 18, 'amd/Milan/vcek/crl': 3 };
    const { appState } = genesisOf({ collateralFloors: floors });
    expect(appState.collateralFloors.map(({ name }) => name)).toEqual(Object.keys(floors).sort());
    expect(chainFloorsOf(appState)).toEqual(floors);
  });

  it('has the hash that it had when the format was fixed', () => {
    const { chainId } = JSON.parse(readFileSync(new URL('../../../../tests/vectors/chain.json', import.meta.url), 'utf8'));
    expect(chainId).toBe(
      genesisOf({
        validators: [40, 10, 7, 1].map((power, i) => ({ publicKey: signerOf(`v${i}`).publicKey, power })),
        gasPrice: 2n,
      }).initChain.chainId,
    );
  });

  const [account] = genesis.appState.accounts;
  const [validator] = genesis.initChain.validators;
  const [member] = genesis.committee.members;
  const bad: Record<string, () => InitChain> = {
    'floors of collateral out of order': () => withState({ collateralFloors: ['b', 'a'].map((name) => ({ name, number: 1 })) }),
    'a floor of collateral twice': () => withState({ collateralFloors: ['a', 'a'].map((name) => ({ name, number: 1 })) }),
    'another chain id': () => ({ ...genesis.initChain, chainId: 'test-00000000' }),
    'no chain id': () => ({ ...genesis.initChain, chainId: '' }),
    'an initial height of 0': () => changed({ initialHeight: 0 }),
    'no validators': () => changed({ validators: [] }),
    'one validator twice': () => changed({ validators: [validator, validator].flatMap((v) => v ?? []) }),
    'a validator without power': () => changed({ validators: [{ publicKey: validator?.publicKey ?? {}, power: 0 }] }),
    'a validator without an ed25519 key': () =>
      changed({ validators: [{ publicKey: { secp256k1: new Uint8Array(33) }, power: 1 }] }),
    'no consensus parameters': () => {
      const { consensusParams: _, ...rest } = genesis.initChain;
      return { ...rest, chainId: chainIdOf('test', genesisHashOf(rest)) };
    },
    'blocks larger than nodes read': () => withParams({ block: { maxBytes: 104_857_600n, maxGas: -1n } }),
    'votes that are to be extended': () => withParams({ abci: { voteExtensionsEnableHeight: 2 } }),
    'validators that may not have ed25519 keys': () => withParams({ validator: { publicKeyTypes: ['secp256k1'] } }),
    'state that is not ours': () => changed({ appStateBytes: new TextEncoder().encode('{"accounts":[]}') }),
    'no state': () => changed({ appStateBytes: new Uint8Array(0) }),
    'state of another version': () => withState({ version: 1 }),
    'epochs without blocks': () => withState({ epochBlocks: 0 }),
    'no retention': () => withState({ maxRetentionBlocks: 0 }),
    'no committee': () => withState({ committee: { members: [] } }),
    'a committee out of order': () => withState({ committee: { members: genesis.committee.members.toReversed() } }),
    'a member without stake': () => withState({ committee: { members: member === undefined ? [] : [{ ...member, stake: 0n }] } }),
    'one account twice': () => withState({ accounts: [account, account].flatMap((a) => a ?? []) }),
    'an account without balance': () => withState({ accounts: [{ address: addressOf('x'), balance: 0n }] }),
    'a faucet on a chain that is not for development': () => withState({ development: false, faucet: addressOf('alice') }),
    'a faucet without balance': () => withState({ faucet: addressOf('carol') }),
    'more tokens than 128 bits': () =>
      withState({ accounts: ['x', 'y'].map((name) => ({ address: addressOf(name), balance: (1n << 128n) - 1n })) }),
  };
  for (const [name, make] of Object.entries(bad)) {
    it(`with ${name} is refused`, () => expect(codeOf(() => checkGenesis(make()))).toBe('GENESIS'));
  }

  it('may have a price for data and, on a chain for development, a faucet', () => {
    const whole = genesisOf({ daPrice: 7n, faucet: addressOf('alice') });
    expect(whole.appState).toMatchObject({ daPrice: 7n, faucet: addressOf('alice') });
    expect(decodeGenesis(encodeGenesis(whole))).toEqual(whole);
    // both are part of the hash: who changes them makes another chain
    expect(whole.genesisHash).not.toEqual(genesis.genesisHash);
    expect(genesisOf({ daPrice: 7n }).genesisHash).not.toEqual(whole.genesisHash);
    expect(codeOf(() => genesisOf({ development: false, faucet: addressOf('alice') }))).toBe('GENESIS');
  });

  it('of a time when there was neither is read as before: no price, no faucet', () => {
    const { stores } = JSON.parse(readFileSync(new URL('../../../../tests/vectors/chain-stores.json', import.meta.url), 'utf8'));
    // the entry `mgenesis` of the state: eight bytes of checksum, then genesis
    const old = decodeGenesis(fromHex(stores.state['6d67656e65736973']).slice(8));
    expect(old.appState.daPrice).toBe(0n);
    expect(old.appState.faucet).toBeUndefined();
    expect(old.initChain.chainId).toBe('test-32b9f142');
  });

  it('that is cut off, changed or not canonical is refused', () => {
    const bytes = encodeGenesis(genesis);
    for (let length = 0; length < bytes.length; length += 7)
      expect(codeOf(() => decodeGenesis(bytes.slice(0, length)))).toBe('GENESIS');
    // the name before the hash is free: a chain may be called what its founders like
    const name = new TextDecoder('latin1').decode(bytes).indexOf('test-');
    for (let at = 0; at < bytes.length; at += 1) {
      if (at >= name && at < name + 4) continue;
      const other = bytes.slice();
      other[at] = (other[at] ?? 0) ^ 1;
      expect(
        codeOf(() => decodeGenesis(other)),
        `byte ${at}`,
      ).toBe('GENESIS');
    }
    expect(codeOf(() => decodeGenesis(Uint8Array.of(...bytes, 0xa0, 6, 1)))).toBe('GENESIS');
    expect(InitChain.decode(bytes).chainId).toBe(genesis.initChain.chainId);
  });

  it('cannot be made with a name that is no chain id, or with a bad committee', () => {
    const options = { time: 0, validators: [{ publicKey: signerOf('v0').publicKey, power: 1 }], accounts: [], development: true };
    const committee = [...genesis.committee.members];
    expect(codeOf(() => createGenesis({ ...options, committee, name: 'Test Net' }))).toBe('INVALID_ARGUMENT');
    expect(codeOf(() => createGenesis({ ...options, committee: [], name: 'test' }))).toBe('COMMITTEE');
    expect(codeOf(() => createGenesis({ ...options, committee, name: 'test', validators: [] }))).toBe('GENESIS');
  });
});
