import type { ChainNode } from '@perigee/chain';
import { type Shard, submissionOf } from '@perigee/light-core/storage';
import { signTx } from '@perigee/light-core/tx';
import { dialPeer, type Host, open, serveStatus, statusProtocol } from '@perigee/net';
import { type StorageOffer, type StoredFile, toHex } from '@perigee/wire';
import { type LocalNetwork, startLocalNetwork } from '../../../../tests/kit/local-network.ts';
import type { RpcMethods, ZerogServerOptions } from '../../src/zerog/index.ts';
import type { Sample } from '../files.ts';
import { ETHEREUM_CHAIN_ID, type StoringNode, startStoringNode } from './storing-node.ts';

export const SECTOR_PRICE = 24n;
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
  const stops: (() => Promise<unknown>)[] = [() => local.stop()];
  const listed = new Set<string>();
  const { methods, others = [], sectors, budgetBytes } = more;
  const nodes = await Promise.all(
    shards.map(async (shard) => {
      const node = await startStoringNode({
        chain: local.chain,
        genesisHash: local.genesisHash,
        shard,
        members: async () => listed,
        others: [...others, ...(methods === undefined ? [] : [methods(local.chain)])],
        ...(sectors && { sectors }),
        ...(budgetBytes && { budgetBytes }),
      });
      listed.add(node.host.peerId);
      await announce(node.host, local, { ...shard, url: node.url });
      stops.unshift(node.stop);
      return node;
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
