/** Storage nodes over the real embedded chain, each with its HTTP interface, over loopback. */
import { join } from 'node:path';
import { type ChainNode, localState } from '@perigee/chain';
import { FLOW_ADDRESS } from '@perigee/light-core/state';
import { type Shard, submissionOf } from '@perigee/light-core/storage';
import { signTx } from '@perigee/light-core/tx';
import { createHost, dialPeer, type Host, open, serveStatus, statusProtocol, systemClock } from '@perigee/net';
import { type PerigeeError, type StorageOffer, type StoredFile, toHex } from '@perigee/wire';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { type LocalNetwork, startLocalNetwork } from '../../../../tests/kit/local-network.ts';
import { kernelHash } from '../../../light-core/test/storage/sample.ts';
import { createStorageNode, FileLog, StorageDirectory, type StorageNode } from '../../src/node/index.ts';
import { type RpcMethods, startZerogServer, type ZerogServer, type ZerogServerOptions } from '../../src/zerog/index.ts';
import type { Sample } from '../files.ts';

export const SECTOR_PRICE = 24n;
export const ETHEREUM_CHAIN_ID = 16_602;

export interface StoringNode {
  readonly host: Host;
  readonly log: FileLog;
  readonly node: StorageNode;
  readonly directory: StorageDirectory;
  readonly server: ZerogServer;
  readonly url: string;
  readonly faults: PerigeeError[];
}

export interface StorageNetwork {
  readonly local: LocalNetwork;
  readonly nodes: readonly StoringNode[];
  /** The node at a place. */
  at(place: number): StoringNode;
  /** Pays for a file. @returns its record, once the state has it */
  submit(sample: Sample, tags?: Uint8Array): Promise<StoredFile>;
  /** Every node hears what a host says of itself. */
  introduce(host: Host): Promise<void>;
  stop(): Promise<void>;
}

export interface StorageNetworkOptions extends Partial<Pick<ZerogServerOptions, 'others' | 'sectors'>> {
  /** Methods of other kinds, over the chain. */
  readonly methods?: (chain: ChainNode) => RpcMethods;
  readonly budgetBytes?: number;
  readonly gasPrice?: bigint;
  /** Accounts that have tokens. */
  readonly rich?: readonly Uint8Array[];
}

export async function startStorageNetwork(shards: readonly Shard[], more: StorageNetworkOptions = {}): Promise<StorageNetwork> {
  const local = await startLocalNetwork({
    members: 1,
    blockMs: 50,
    rich: more.rich ?? [],
    gasPrice: more.gasPrice ?? 0n,
    genesis: { storage: { pricePerSector: SECTOR_PRICE }, ethereumChainId: ETHEREUM_CHAIN_ID },
  });
  const state = localState(local.chain);
  const hash = await kernelHash();
  const stops: (() => Promise<unknown>)[] = [() => local.stop()];
  const listed = new Set<string>();
  const nodes = await Promise.all(
    shards.map(async (shard): Promise<StoringNode> => {
      const faults: PerigeeError[] = [];
      const onFault = (error: PerigeeError): void => void faults.push(error);
      const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
      const { budgetBytes = 2 ** 30 } = more;
      const log = await FileLog.open({ dir: join(temporaryFolder('zerog'), 'log'), shard, budgetBytes, hash, onFault });
      const node = await createStorageNode({ host, state, log, clock: systemClock, hash, onFault });
      const directory = new StorageDirectory({ host, genesisHash: local.genesisHash, now: systemClock.now });
      const server = await startZerogServer({
        ...(more.sectors && { sectors: more.sectors }),
        others: [...(more.others ?? []), ...(more.methods === undefined ? [] : [more.methods(local.chain)])],
        listen: '127.0.0.1',
        port: 0,
        host,
        state,
        node,
        log,
        hash,
        clock: systemClock,
        directory,
        members: async () => listed,
        ethereum: { chainId: ETHEREUM_CHAIN_ID, flow: FLOW_ADDRESS },
        onFault,
      });
      listed.add(host.peerId);
      await announce(host, local, { ...shard, url: server.url ?? '' });
      stops.unshift(async () => {
        await server.stop();
        directory.stop();
        await node.stop();
        await host.stop();
        await log.close();
      });
      return { host, log, node, directory, server, url: server.url ?? '', faults };
    }),
  );
  let nonce = 0;
  const network: StorageNetwork = {
    local,
    nodes,
    at(place) {
      const node = nodes[place];
      if (node === undefined) throw new Error(`there is no node ${place}`);
      return node;
    },
    async submit({ tree }, tags) {
      const submission = submissionOf(tree, tags);
      const draft = {
        lane: 7,
        nonce: nonce++,
        expiryHeight: local.chain.latest().height + 1_000,
        gasLimit: 1_000_000,
        maxFee: 0n,
        tip: 0n,
      };
      const messages = [{ storageSubmit: { ...submission, value: 10n ** 15n } }];
      const outcome = await local.chain.submit(await signTx({ ...draft, messages }, local.genesisHash, local.account));
      if (outcome.code !== 0) throw new Error(outcome.log);
      await local.untilHeight(outcome.height + 1);
      const file = await nodes[0]?.node.submissions.byRoot(tree.root);
      if (file === undefined) throw new Error(`the state has no file ${toHex(tree.root)}`);
      return file;
    },
    async introduce(host) {
      const peer = { peerId: host.peerId, multiaddrs: host.multiaddrs() };
      for (const { host: own, directory } of nodes) {
        if (own.peerId === host.peerId) continue;
        await dialPeer(own, peer);
        directory.hear(peer.peerId, await open(own, peer, statusProtocol).callOne({ watch: false }, {}));
      }
    },
    async stop() {
      for (const stop of stops) await stop();
    },
  };
  for (const { host } of nodes) await network.introduce(host);
  return network;
}

/** Serves a status that says what a host stores. */
export async function announce(host: Host, { chain, genesisHash }: LocalNetwork, storage: StorageOffer): Promise<void> {
  await serveStatus(host, {
    chainId: chain.chainId,
    genesisHash,
    roles: ['storage'],
    storage,
    head: () => chain.latest(),
    earliest: () => 0,
    recentBlobs: () => [],
    peers: async () => [],
    onHead: (listener) => chain.onBlock(listener),
  });
}
