/** A storage node over the real embedded chain that answers 0G's clients, their payments included, on one port. */
import { join } from 'node:path';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { ChainNode, createGenesis, localState } from '@perigee/chain';
import { FLOW_ADDRESS, FLOW_KEY, STORE } from '@perigee/light-core/state';
import { secp256k1Signer } from '@perigee/light-core/tx';
import { createHost, systemClock } from '@perigee/net';
import { ed25519Address, FlowRecord, type PerigeeError, utf8 } from '@perigee/wire';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { nativeSigner } from '../../../../tests/kit/native-signer.ts';
import { kernelHash } from '../../../light-core/test/storage/sample.ts';
import { createStorageNode, FileLog, StorageDirectory } from '../../src/node/index.ts';
import { createEvmHandler } from '../../src/zerog/evm/index.ts';
import { startZerogServer } from '../../src/zerog/index.ts';

export const SECTOR_PRICE = 24n;
const CHAIN_ID = 16_602;
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
  const faults: PerigeeError[] = [];
  const onFault = (error: PerigeeError): void => void faults.push(error);
  const dir = temporaryFolder('paying');
  const genesis = createGenesis({
    name: 'paying',
    time: systemClock.now() - 1_000,
    validators: [{ publicKey: signer.publicKey, power: 1 }],
    committee: [{ address: ed25519Address(signer.publicKey), publicKey: signer.publicKey, stake: 1n }],
    accounts: accounts.map((name) => ({ address: secp256k1Signer(secretOf(name)).address, balance: 10n ** 15n })),
    development: true,
    ethereumChainId: CHAIN_ID,
    gasPrice: GAS_PRICE,
    storage: { pricePerSector: SECTOR_PRICE },
  });
  const chain = await ChainNode.open({
    dir: join(dir, 'chain'),
    genesis,
    signers: [signer],
    clock: systemClock,
    blockIntervalMs: 100,
  });
  void chain.run();
  const state = localState(chain);
  const hash = await kernelHash();
  const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  const log = await FileLog.open({
    dir: join(dir, 'log'),
    shard: { shardId: 0, numShard: 1 },
    budgetBytes: 2 ** 30,
    hash,
    onFault,
  });
  const node = await createStorageNode({ host, state, log, clock: systemClock, hash, onFault });
  const directory = new StorageDirectory({ host, genesisHash: genesis.genesisHash, now: systemClock.now });
  const maxGas = genesis.initChain.consensusParams?.block?.maxGas ?? -1n;
  const params = { ethereumChainId: CHAIN_ID, gasPrice: GAS_PRICE, pricePerSector: SECTOR_PRICE, maxGas };
  const evm = createEvmHandler({ chain, params, clientVersion: 'Perigee/test' });
  const server = await startZerogServer({
    listen: '127.0.0.1',
    port: 0,
    host,
    state,
    node,
    log,
    hash,
    clock: systemClock,
    directory,
    members: async () => new Set([host.peerId]),
    ethereum: { chainId: CHAIN_ID, flow: FLOW_ADDRESS },
    others: [{ handles: evm.handles, call: (method, given, { signal }) => evm.call(method, given, signal) }],
    onFault,
  });
  return {
    url: server.url ?? '',
    log,
    faults,
    flow: () => FlowRecord.decode(chain.valueAt(STORE.storage, FLOW_KEY) ?? new Uint8Array(0)),
    async stop() {
      await server.stop();
      directory.stop();
      await node.stop();
      await host.stop();
      await log.close();
      await chain.close();
    },
  };
}
