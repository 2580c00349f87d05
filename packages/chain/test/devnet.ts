/** A small development chain with fixed keys. */
import { hash } from 'node:crypto';
import type { Clock } from '@perigee/light-core/roles';
import { type Ed25519Signer, signTx } from '@perigee/light-core/tx';
import { ed25519Address, PerigeeError, type TxBody } from '@perigee/wire';
import { nativeSigner } from '../../../tests/kit/native-signer.ts';
import { ChainNode, type ChainNodeOptions, createGenesis, type Genesis, type GenesisOptions } from '../src/index.ts';

const signers = new Map<string, Ed25519Signer>();

export function signerOf(name: string): Ed25519Signer {
  const signer = signers.get(name) ?? nativeSigner(hash('sha256', `test key ${name}`, 'buffer'));
  signers.set(name, signer);
  return signer;
}

export function addressOf(name: string): Uint8Array {
  return ed25519Address(signerOf(name).publicKey);
}

export const VALIDATORS = ['v0', 'v1', 'v2', 'v3'];
export const MEMBERS = ['m0', 'm1', 'm2', 'm3'];
/** Monday, 23 November 2026, 08:00 UTC. */
export const GENESIS_TIME = 1_795_420_800_000;
export const BALANCE = 1_000_000_000n;

export function genesisOf(options: Partial<GenesisOptions> = {}): Genesis {
  return createGenesis({
    name: 'test',
    time: GENESIS_TIME,
    validators: VALIDATORS.map((name) => ({ publicKey: signerOf(name).publicKey, power: 10 })),
    committee: MEMBERS.map((name) => ({ address: addressOf(name), publicKey: signerOf(name).publicKey, stake: 100n })),
    accounts: ['alice', 'bob'].map((name) => ({ address: addressOf(name), balance: BALANCE })),
    development: true,
    ...options,
  });
}

/** Time that moves only when a test moves it, or when somebody sleeps. */
export class TestClock implements Clock {
  #now: number;

  constructor(now = GENESIS_TIME) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw new PerigeeError('ABORTED', 'woken');
    this.#now += ms;
  }
}

export function openChain(dir: string, genesis = genesisOf(), options: Partial<ChainNodeOptions> = {}): Promise<ChainNode> {
  return ChainNode.open({ dir, genesis, signers: VALIDATORS.map(signerOf), clock: new TestClock(), ...options });
}

/** A transfer of one unit from alice to bob, unless the test says otherwise. */
export function transferTx(
  genesis: Genesis,
  { from = 'alice', account, ...change }: Partial<TxBody> & { readonly from?: string; readonly account?: Uint8Array } = {},
): Promise<Uint8Array> {
  const draft = {
    lane: 0,
    nonce: 0,
    expiryHeight: 1_000,
    gasLimit: 100_000,
    maxFee: 1_000_000n,
    tip: 0n,
    messages: [{ transfer: { to: addressOf('bob'), amount: 1n } }],
  };
  return signTx({ ...draft, ...change }, genesis.genesisHash, signerOf(from), account);
}
