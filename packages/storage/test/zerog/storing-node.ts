/** A node that stores files and answers 0G's clients, over a chain of this process and loopback. */
import { join } from 'node:path';
import { type ChainNode, localState } from '@perigee/chain';
import { FLOW_ADDRESS } from '@perigee/light-core/state';
import type { Shard } from '@perigee/light-core/storage';
import { createHost, type Host, systemClock } from '@perigee/net';
import type { PerigeeError } from '@perigee/wire';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { kernelHash } from '../../../light-core/test/storage/sample.ts';
import { createStorageNode, FileLog, StorageDirectory, type StorageNode, type StorageNodeOptions } from '../../src/node/index.ts';
import { startZerogServer, type ZerogServer, type ZerogServerOptions } from '../../src/zerog/index.ts';

export const ETHEREUM_CHAIN_ID = 16_602;

export interface StoringNode {
  readonly host: Host;
  readonly log: FileLog;
  readonly node: StorageNode;
  readonly directory: StorageDirectory;
  readonly server: ZerogServer;
  readonly url: string;
  readonly faults: PerigeeError[];
  stop(): Promise<void>;
}

export interface StoringNodeOptions extends Partial<Pick<ZerogServerOptions, 'others' | 'sectors' | 'members'>> {
  readonly chain: ChainNode;
  readonly genesisHash: Uint8Array;
  /** All segments by default. */
  readonly shard?: Shard;
  readonly budgetBytes?: number;
  readonly bring?: StorageNodeOptions['bring'];
}

export async function startStoringNode({
  chain,
  genesisHash,
  shard = { shardId: 0, numShard: 1 },
  budgetBytes = 2 ** 30,
  bring,
  members = async () => new Set(),
  ...more
}: StoringNodeOptions): Promise<StoringNode> {
  const faults: PerigeeError[] = [];
  const onFault = (error: PerigeeError): void => void faults.push(error);
  const state = localState(chain);
  const hash = await kernelHash();
  const clock = systemClock;
  const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  const log = await FileLog.open({ dir: join(temporaryFolder('storing'), 'log'), shard, budgetBytes, hash, onFault });
  const node = await createStorageNode({ host, state, log, clock, hash, ...(bring && { bring }), onFault });
  const directory = new StorageDirectory({ host, genesisHash, now: clock.now });
  const server = await startZerogServer({
    ...more,
    listen: '127.0.0.1',
    port: 0,
    host,
    state,
    node,
    log,
    hash,
    clock,
    directory,
    members,
    ethereum: { chainId: ETHEREUM_CHAIN_ID, flow: FLOW_ADDRESS },
    onFault,
  });
  return {
    host,
    log,
    node,
    directory,
    server,
    url: server.url ?? '',
    faults,
    async stop() {
      await server.stop();
      directory.stop();
      await node.stop();
      await host.stop();
      await log.close();
    },
  };
}
