/** Nodes that store files of a real chain with fast blocks, in this process and over loopback TCP. */
import { join } from 'node:path';
import { localState } from '@perigee/chain';
import type { BlobSource, Clock, VerifiedState } from '@perigee/light-core/roles';
import { type FileHash, holdsSegment, type Shard } from '@perigee/light-core/storage';
import { createHost, type Host, open, segmentUploadProtocol, systemClock } from '@perigee/net';
import { FILE_SEGMENT_BYTES, type PerigeeError, type StoredFile } from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/index.ts';
import { type LocalNetwork, type LocalNetworkOptions, startLocalNetwork } from '../../../tests/kit/local-network.ts';
import { createStorageNode, FileLog, FlowStore, type SegmentPeer, type StorageNode } from '../src/node/index.ts';
import { type Sample, sampleOf, segmentOf, segmentsOf } from './files.ts';

const ALL: Shard = { shardId: 0, numShard: 1 };

/** A file on the chain. */
export interface Submitted {
  readonly sample: Sample;
  readonly file: StoredFile;
}

/** A node that stores files of the chain. */
export interface Storing {
  readonly host: Host;
  readonly node: StorageNode;
  readonly log: FileLog;
  readonly flow: FlowStore;
  readonly peer: SegmentPeer;
  readonly faults: PerigeeError[];
  stop(): Promise<void>;
}

export interface StoringOptions {
  readonly shard?: Shard;
  readonly peers?: readonly SegmentPeer[];
  readonly dir?: string;
  readonly budgetBytes?: number;
  readonly patienceMs?: number;
  readonly clock?: Clock;
  readonly blobs?: BlobSource;
}

/** A chain for all tests of a file; nodes end with their test. */
export class StoringNetwork {
  #parts: { readonly network: LocalNetwork; readonly hash: FileHash } | undefined;
  readonly #ends: (() => Promise<void>)[] = [];
  #samples = 0;

  constructor(options: LocalNetworkOptions = {}) {
    beforeAll(async () => {
      const hash = await loadFileHasher();
      this.#parts = {
        network: await startLocalNetwork({ members: 1, genesis: { storage: { pricePerSector: 1n } }, blockMs: 50, ...options }),
        hash,
      };
    });
    afterEach(async () => {
      for (const end of this.#ends.splice(0).reverse()) await end();
    });
    afterAll(() => this.#parts?.network.stop());
  }

  get network(): LocalNetwork {
    return this.#started.network;
  }

  get hash(): FileHash {
    return this.#started.hash;
  }

  get state(): VerifiedState {
    return localState(this.network.chain);
  }

  async host(): Promise<Host> {
    const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
    this.#ends.push(() => host.stop());
    return host;
  }

  async start(options: StoringOptions = {}): Promise<Storing> {
    const { shard = ALL, peers = [], dir = temporaryFolder('storing'), budgetBytes = 2 ** 30, patienceMs = 0 } = options;
    const { clock = systemClock, blobs } = options;
    const { state, hash } = this;
    const faults: PerigeeError[] = [];
    const onFault = (error: PerigeeError): void => void faults.push(error);
    const host = await this.host();
    const log = await FileLog.open({ dir: join(dir, 'log'), shard, budgetBytes, hash, onFault });
    const flow = await FlowStore.open({ dir: join(dir, 'flow'), hash, onFault });
    const common = { host, state, log, flow, clock, hash, onFault };
    const node = await createStorageNode({ ...common, peers: () => peers, syncPatienceMs: patienceMs, ...(blobs && { blobs }) });
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopped ??= (async () => {
        await node.stop();
        await log.close();
        await flow.close();
      })();
      return stopped;
    };
    this.#ends.push(stop);
    return { host, node, log, flow, peer: peerOf(host), faults, stop };
  }

  /** A new sample on the chain. @param segments whole ones, before a shorter one */
  async submit(segments: number, rest = 700): Promise<Submitted> {
    const sample = sampleOf(segments * FILE_SEGMENT_BYTES + rest, `${segments} ${rest} ${this.#samples++}`);
    return { sample, file: await this.network.submitFile(sample.tree) };
  }

  /** @param indices of those that are of the node's shard; all by default */
  async upload(to: Storing, { sample, file }: Submitted, indices?: readonly number[]): Promise<void> {
    const { txSeq, root, length, startSector } = file;
    for (const { index } of segmentsOf(sample)) {
      if (!holdsSegment(to.log.shard, startSector, index) || indices?.includes(index) === false) continue;
      const request = { txSeq, root, length, segments: [segmentOf(sample, index)], heldFrom: 0 };
      await open(this.network.chainHost, to.peer, segmentUploadProtocol).callOne(request);
    }
  }

  get #started() {
    if (this.#parts === undefined) throw new Error('the network is not started yet');
    return this.#parts;
  }
}

export function peerOf(host: Host): SegmentPeer {
  return { peerId: host.peerId, multiaddrs: host.multiaddrs() };
}

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await systemClock.sleep(20);
}
