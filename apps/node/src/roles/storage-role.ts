import { join } from 'node:path';
import { ChainView } from '@perigee/light-core/da';
import type { BlobSource, TxSubmit, VerifiedState } from '@perigee/light-core/roles';
import { checkShard, type FileHash, type Shard } from '@perigee/light-core/storage';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { type Host, systemClock } from '@perigee/net';
import {
  bringStreamData,
  createStorageNode,
  FileLog,
  FlowStore,
  type SegmentPeer,
  type StorageNode,
} from '@perigee/storage/node';
import { type AppState, PerigeeError, toHex } from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';

export interface StorageRoleOptions {
  readonly host: Host;
  readonly home: string;
  readonly state: VerifiedState;
  readonly shard: Shard;
  readonly budgetBytes: number;
  /** Where the data of writes to streams is brought, on a chain that keeps them, and by which account: it pays nothing, but must exist. */
  readonly transactions: TxSubmit;
  readonly signer: Ed25519Signer;
  /** Other nodes that store files: what nobody brings is fetched from them. */
  readonly peers: () => readonly SegmentPeer[];
  /** Where blobs are taken over from. */
  readonly blobs: BlobSource;
  readonly onFault: (error: PerigeeError) => void;
}

export interface StorageRole {
  readonly node: StorageNode;
  readonly log: FileLog;
  readonly hash: FileHash;
  /** What the chain's genesis says. */
  readonly appState: AppState;
  stop(): Promise<void>;
}

/**
 * Stored files in this process: the log of the chain's files, and the role on top of it. Each chain has a folder of its own.
 *
 * @throws UNSUPPORTED when the chain stores no files, and what `FileLog.open` and `FlowStore.open` throw
 */
export async function startStorageRole(options: StorageRoleOptions): Promise<StorageRole> {
  const { host, home, state, shard, budgetBytes, peers, blobs, transactions, signer, onFault } = options;
  const { appState, genesisHash } = await new ChainView(state).facts();
  if (appState.storage === undefined) {
    throw new PerigeeError(
      'UNSUPPORTED',
      'this chain stores no files: its genesis has no price for them; leave role storage out',
    );
  }
  const bring = appState.kv === undefined ? undefined : bringStreamData({ state, submit: transactions, genesisHash, signer });
  const hash = await loadFileHasher();
  const dir = join(home, 'storage', toHex(genesisHash));
  const stores: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const store of stores) await store.close();
  };
  try {
    const log = await FileLog.open({ dir, shard, budgetBytes, hash, onFault });
    stores.push(log);
    const flow = await FlowStore.open({ dir: join(dir, 'flow'), hash, onFault });
    stores.push(flow);
    const node = await createStorageNode({ host, state, log, flow, clock: systemClock, hash, peers, blobs, bring, onFault });
    return {
      node,
      log,
      hash,
      appState,
      async stop() {
        await node.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Reads a shard as people write it, from 0: `1/4` is the second of four.
 *
 * @throws INVALID_ARGUMENT
 */
export function readShard(text: string): Shard {
  const [, shardId, numShard] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  if (shardId === undefined || numShard === undefined) {
    throw new PerigeeError('INVALID_ARGUMENT', `--shard is "${text}"; write it as 1/4, the second of four`);
  }
  return checkShard({ shardId: Number(shardId), numShard: Number(numShard) });
}
