/** A chain of one validator on CometBFT, its application in this process. */
import { createHash } from 'node:crypto';
import { createGenesis, type Genesis, type GenesisOptions } from '@perigee/chain';
import { CometChain, type CometChainOptions } from '@perigee/chain/cometbft';
import { ed25519Signer, signTx } from '@perigee/light-core/tx';
import { systemClock } from '@perigee/net';
import { ed25519Address, PerigeeError } from '@perigee/wire';
import { cometbftProgram } from '../kit/cometbft.ts';
import { freePort } from '../kit/port.ts';

export function secretOf(name: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(`test key ${name}`).digest());
}

function signerOf(name: string) {
  return ed25519Signer(secretOf(name));
}

function addressOf(name: string): Uint8Array {
  return ed25519Address(signerOf(name).publicKey);
}

export function genesisOf(options: Partial<GenesisOptions> = {}): Genesis {
  return createGenesis({
    name: 'comet',
    time: Date.now() - 1_000,
    validators: [{ publicKey: signerOf('v0').publicKey, power: 10 }],
    committee: [{ address: addressOf('m0'), publicKey: signerOf('m0').publicKey, stake: 100n }],
    accounts: ['alice', 'bob'].map((name) => ({ address: addressOf(name), balance: 10n ** 18n })),
    development: true,
    ...options,
  });
}

/** What a transfer of one unit from alice to bob looks like. */
export function transferTx(genesis: Genesis, nonce: number, lane = 0, gasLimit = 100_000): Promise<Uint8Array> {
  const draft = { lane, nonce, expiryHeight: 1_000, gasLimit, maxFee: 1_000_000n, tip: 0n };
  const messages = [{ transfer: { to: addressOf('bob'), amount: 1n } }];
  return signTx({ ...draft, messages }, genesis.genesisHash, signerOf('alice'));
}

export interface LocalChain {
  readonly chain: CometChain;
  /** What went wrong while the chain went on. */
  readonly faults: readonly PerigeeError[];
}

export async function openChain(dir: string, genesis: Genesis, options: Partial<CometChainOptions> = {}): Promise<LocalChain> {
  const faults: PerigeeError[] = [];
  const lines: string[] = [];
  const settings = { p2p: { host: '127.0.0.1', port: await freePort() }, peers: [], blockIntervalMs: 200 };
  const chain = await CometChain.open(
    {
      dir,
      genesis,
      settings,
      program: cometbftProgram() ?? '',
      validatorSecret: secretOf('v0'),
      nodeSecret: secretOf('n0'),
      clock: systemClock,
      onFault: (error) => faults.push(error),
      onLine: (line) => lines.push(line),
      ...options,
    },
    AbortSignal.timeout(30_000),
  ).catch((error: unknown) => {
    throw new PerigeeError(PerigeeError.from(error).code, `${PerigeeError.from(error).message}\n${lines.join('\n')}`, {
      cause: error,
    });
  });
  return { chain, faults };
}
