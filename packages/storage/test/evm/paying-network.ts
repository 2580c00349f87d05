import { keccak_256 } from '@noble/hashes/sha3.js';
import { ChainNode, createGenesis } from '@perigee/chain';
import { FLOW_KEY, STORE } from '@perigee/light-core/state';
import { secp256k1Signer } from '@perigee/light-core/tx';
import { systemClock } from '@perigee/net';
import { ed25519Address, FlowRecord, type PerigeeError, utf8 } from '@perigee/wire';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { nativeSigner } from '../../../../tests/kit/native-signer.ts';
import type { FileLog } from '../../src/node/index.ts';
import { createEvmHandler } from '../../src/zerog/evm/index.ts';
import { ETHEREUM_CHAIN_ID, startStoringNode } from '../zerog/storing-node.ts';

export const SECTOR_PRICE = 24n;
const GAS_PRICE = 7n;
const signer = nativeSigner(new Uint8Array(32).fill(9));

export interface PayingNetwork {
  readonly url: string;
  readonly log: FileLog;
  readonly faults: readonly PerigeeError[];
  /** What the chain says was submitted and paid. */
  flow(): FlowRecord;
  stop(): Promise<void>;
}

/** Secret of the account with a name. */
export function secretOf(name: string): Uint8Array {
  return keccak_256(utf8(`account ${name}`));
}

/** @param accounts names of accounts that have tokens */
export async function startPayingNetwork(accounts: readonly string[]): Promise<PayingNetwork> {
  const genesis = createGenesis({
    name: 'paying',
    time: systemClock.now() - 1_000,
    validators: [{ publicKey: signer.publicKey, power: 1 }],
    committee: [{ address: ed25519Address(signer.publicKey), publicKey: signer.publicKey, stake: 1n }],
    accounts: accounts.map((name) => ({ address: secp256k1Signer(secretOf(name)).address, balance: 10n ** 15n })),
    development: true,
    ethereumChainId: ETHEREUM_CHAIN_ID,
    gasPrice: GAS_PRICE,
    storage: { pricePerSector: SECTOR_PRICE },
  });
  const chain = await ChainNode.open({
    dir: temporaryFolder('paying'),
    genesis,
    signers: [signer],
    clock: systemClock,
    blockIntervalMs: 100,
  });
  void chain.run();
  const maxGas = genesis.initChain.consensusParams?.block?.maxGas ?? -1n;
  const params = { ethereumChainId: ETHEREUM_CHAIN_ID, gasPrice: GAS_PRICE, pricePerSector: SECTOR_PRICE, maxGas };
  const evm = createEvmHandler({ chain, params, clientVersion: 'Perigee/test' });
  const { url, log, faults, stop } = await startStoringNode({
    chain,
    genesisHash: genesis.genesisHash,
    others: [{ handles: evm.handles, call: (method, given, { signal }) => evm.call(method, given, signal) }],
  });
  return {
    url,
    log,
    faults,
    flow: () => FlowRecord.decode(chain.valueAt(STORE.storage, FLOW_KEY) ?? new Uint8Array(0)),
    async stop() {
      await stop();
      await chain.close();
    },
  };
}
