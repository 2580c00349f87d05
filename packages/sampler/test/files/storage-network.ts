/** Storage nodes in this process, and a client of theirs over loopback TCP. The chain is a ledger made by hand. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerifiedState } from '@perigee/light-core/roles';
import { fileTreeOf, nobleFileHash, type Shard } from '@perigee/light-core/storage';
import {
  createHost,
  dialPeer,
  type Host,
  type KnownPeer,
  segmentsProtocol,
  segmentUploadProtocol,
  serve,
  systemClock,
} from '@perigee/net';
import type { SegmentAnswer } from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { createStorageNode, FileLog, type StorageNode } from '../../../storage/src/node/index.ts';
import { FileLedger, type Sample, segmentsOf } from '../../../storage/test/files.ts';
import { createFilePool, type FileParts, type StoragePeers } from '../../src/files/index.ts';
import { judge } from '../../src/peers/lies.ts';
import { Peer } from '../../src/peers/peer.ts';

const BUDGET_BYTES = 2 ** 32;

/** Bytes that follow from a seed, with their tree: what takes no time where files are large. */
export async function madeSample(length: number, seed = 1): Promise<Sample> {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed >>> 0;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[i] = state ^ (state >>> 15);
  }
  const data = new Uint8Array(words.buffer, 0, length);
  return { data, tree: fileTreeOf(data, await loadFileHasher()) };
}

export interface TestStorageNode {
  readonly shard: Shard;
  readonly host: Host;
  readonly log: FileLog;
  readonly address: KnownPeer;
  /** Segments that it gave, by number. */
  readonly given: number[];
  stop(): Promise<void>;
}

/** What a node does with a segment before it gives it; `undefined` gives nothing. */
export type Meddle = (answer: SegmentAnswer) => Promise<SegmentAnswer | undefined> | SegmentAnswer | undefined;

export class StorageNetwork {
  readonly ledger = new FileLedger();
  readonly nodes: TestStorageNode[] = [];
  readonly banned = new Map<string, string>();
  readonly #state: VerifiedState;
  readonly #stops: (() => Promise<void>)[] = [];

  /** @param state of a chain; the ledger by default */
  constructor(state?: VerifiedState) {
    this.ledger.advance();
    this.#state = state ?? this.ledger;
  }

  /** @param meddle changes what it gives: then it is no honest node */
  async addNode(
    shard: Shard = { shardId: 0, numShard: 1 },
    meddle?: Meddle,
    { stall = false, budgetBytes = BUDGET_BYTES }: { readonly stall?: boolean; readonly budgetBytes?: number } = {},
  ): Promise<TestStorageNode> {
    const dir = join(temporaryFolder('files-node'), 'log');
    const hash = await loadFileHasher();
    const log = await FileLog.open({
      dir,
      shard,
      budgetBytes,
      hash,
      onFault: (error) => console.log(error.message),
    });
    const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
    // it takes segments, and never says so
    if (stall) log.write = () => new Promise(() => {});
    const given: number[] = [];
    const node = meddle === undefined ? await this.#honest(host, log, given) : await this.#meddling(host, log, given, meddle);
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopped ??= (async () => {
        await node.stop();
        await host.stop();
        await log.close();
        await rm(dir, { recursive: true, force: true });
      })();
      return stopped;
    };
    this.#stops.push(stop);
    const made = { shard, host, log, given, stop, address: { peerId: host.peerId, multiaddrs: host.multiaddrs() } };
    this.nodes.push(made);
    return made;
  }

  /** A file is on the chain, and the nodes have what is of their shards. */
  async store(sample: Sample, nodes: readonly TestStorageNode[] = this.nodes): Promise<ReturnType<FileLedger['submit']>> {
    const file = this.ledger.submit(sample);
    for (const { log } of nodes) {
      await log.add(file);
      const wanted = segmentsOf(sample).filter(({ index }) => log.wants(file, index));
      if (wanted.length > 0) await log.write(file.txSeq, wanted);
    }
    return file;
  }

  /** A client that is connected to all nodes, or to some. */
  async client(nodes: readonly TestStorageNode[] = this.nodes): Promise<FileParts> {
    const host = await createHost({ allowPrivate: true });
    const pool = createFilePool(2);
    this.#stops.unshift(async () => {
      await host.stop();
      await pool.close();
    });
    const peers: Peer[] = [];
    for (const { address } of nodes) {
      await dialPeer(host, address, {});
      peers.push(new Peer(host, address, 'given'));
    }
    const storage: StoragePeers = {
      peers: () => peers.filter((peer) => peer.usable),
      judge: (peer, thrown) =>
        judge(peer as Peer, thrown, (liar, error) => {
          liar.banned = error.message;
          this.banned.set(liar.id, error.code);
        }),
    };
    return { state: this.#state, storage, pool, clock: systemClock };
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) await stop();
  }

  async #honest(host: Host, log: FileLog, given: number[]): Promise<Pick<StorageNode, 'stop'>> {
    const read = log.read.bind(log);
    log.read = async (txSeq, index) => {
      const answer = await read(txSeq, index);
      if (typeof answer === 'object') given.push(index);
      return answer;
    };
    return createStorageNode({ host, state: this.#state, log, clock: systemClock, hash: nobleFileHash });
  }

  async #meddling(host: Host, log: FileLog, given: number[], meddle: Meddle): Promise<Pick<StorageNode, 'stop'>> {
    const held = new Uint8Array(4_096).fill(0xff);
    const ends = [
      await serve(host, segmentsProtocol, async function* ({ txSeq = 0, first, count }) {
        for (let index = first; index < first + count; index++) {
          const answer = await log.read(txSeq, index);
          if (typeof answer !== 'object') continue;
          const meddled = await meddle({ ...answer, data: new Uint8Array(answer.data) });
          given.push(index);
          if (meddled !== undefined) yield meddled;
        }
      }),
      await serve(host, segmentUploadProtocol, async () => ({ status: 2, missing: 0, ...log.shard, held })),
    ];
    return { stop: async () => void (await Promise.all(ends.map((end) => end()))) };
  }
}
