import { type FileTree, proveSegment, segmentBytes, segmentDataBytes } from '@perigee/light-core/storage';
import { createStopController } from '@perigee/net';
import {
  type ErrorCode,
  FILE_SEGMENT_BYTES,
  MAX_TRANSFER_PEERS,
  PerigeeError,
  PUT_PATIENCE_MS,
  PUT_REST_MS,
  PUT_STALL_MS,
  type SegmentAnswer,
  type StoredFile,
  toHex,
} from '@perigee/wire';
import { askNode } from '../ask-node.ts';
import type { FileParts, FilePeer } from '../parts.ts';
import type { NodeProgress } from '../requests.ts';
import { FileCoverage } from './coverage.ts';
import type { FileSource } from './source.ts';
import { UploadNode } from './upload-node.ts';

/** How often it is looked whether someone is free, slow, or back, milliseconds. */
const LOOK_AGAIN_MS = 50;
/** Nodes that an error names. */
const NAMED_NODES = 8;

/** Refusals that no waiting mends. */
const FINAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'FILE_PROOF',
  'REFUSED',
  'SEGMENT_INDEX',
  'SEGMENT_SIZE',
  'STORE_FULL',
  'UNSUPPORTED',
]);

export interface UploadOptions extends Pick<FileParts, 'storage' | 'clock'> {
  readonly source: FileSource;
  readonly tree: FileTree;
  /** Its submission, proved under a verified header. */
  readonly file: StoredFile;
  /** Nodes that shall have each segment. */
  readonly replicas: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: UploadProgress) => void;
}

export interface UploadProgress {
  readonly storedBytes: number;
  readonly storeBytes: number;
  readonly sentBytes: number;
  readonly nodes: readonly NodeProgress[];
}

/**
 * Hands a file to nodes until so many that have each segment say that all of it is on their disks. Those who are slow are not given up, but others
 * of the same segments are used beside them. What nodes have already is not sent.
 */
export class Upload {
  readonly #options: UploadOptions;
  readonly #coverage: FileCoverage;
  readonly #stop = createStopController();
  readonly #nodes = new Map<string, UploadNode>();
  /** Nodes that segments are sent to. */
  readonly #used = new Set<UploadNode>();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #askAgainAt = new Map<string, number>();
  readonly #errors = new Map<string, PerigeeError>();
  #sentBytes = 0;
  #patientUntil = 0;
  #failure: PerigeeError | undefined;

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#coverage = new FileCoverage(options.file);
  }

  /** @returns the nodes that have it @throws NOT_FOUND (too few nodes are connected), STORE_FULL and what else they refuse with, ABORTED, REFUSED */
  async run(): Promise<readonly NodeProgress[]> {
    const { signal, clock, replicas } = this.#options;
    const stop = this.#stop;
    const onAbort = (): void => stop.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#patientUntil = clock.now() + PUT_PATIENCE_MS;
    try {
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure;
        if (signal.aborted) throw new PerigeeError('ABORTED', 'the upload was stopped; the same command goes on with it');
        const done = this.#nodesWhere(({ finalized }) => finalized);
        if (
          this.#coverage.isEnough(
            done.map(({ shard }) => shard),
            replicas,
          )
        ) {
          this.#tell();
          return done.filter(({ shard }) => this.#coverage.touches(shard)).map(({ progress }) => progress);
        }
        this.#look();
        this.#choose();
        this.#sendAll();
        if (clock.now() >= this.#patientUntil) throw this.#tooFew();
        await Promise.race([...this.#inFlight, clock.sleep(LOOK_AGAIN_MS, stop.signal).catch(() => {})]);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      stop.abort();
      await Promise.allSettled(this.#inFlight);
    }
  }

  /** Asks nodes that are new, or that failed, or that have got everything and do not say so, what they want. */
  #look(): void {
    const { storage, clock } = this.#options;
    const now = clock.now();
    for (const peer of storage.peers().slice(0, MAX_TRANSFER_PEERS)) {
      const known = this.#nodes.get(peer.id);
      if (known?.finalized || known?.refused) continue;
      if (known !== undefined && known.peer !== peer) this.#forget(known); // it was lost, and met again
      const isDue = known === undefined || known.peer !== peer || (known.isDoubtful && this.#used.has(known));
      if (!isDue) continue;
      if (now < (this.#askAgainAt.get(peer.id) ?? 0)) continue;
      this.#askAgainAt.set(peer.id, Number.POSITIVE_INFINITY);
      this.#track(this.#ask(peer));
    }
  }

  #forget(node: UploadNode): void {
    this.#nodes.delete(node.peer.id);
    this.#used.delete(node);
  }

  async #ask(peer: FilePeer): Promise<void> {
    const { file, storage, clock } = this.#options;
    try {
      const { shard, answer, needless } = await askNode(peer, file, this.#stop.signal);
      const known = this.#nodes.get(peer.id);
      const isSame = known?.peer === peer && known.shard.shardId === shard.shardId && known.shard.numShard === shard.numShard;
      const node = known !== undefined && isSame ? known : new UploadNode(peer, shard, file, clock.now());
      if (!isSame && known !== undefined) this.#used.delete(known);
      const { missing } = node;
      node.took(answer, node.movedAt);
      if (answer.missing < missing) node.movedAt = clock.now();
      node.wants(file, needless);
      this.#nodes.set(peer.id, node);
      this.#errors.delete(peer.id);
      this.#tell();
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      this.#errors.set(peer.id, storage.judge(peer, thrown));
    } finally {
      this.#askAgainAt.set(peer.id, clock.now() + PUT_REST_MS);
    }
  }

  /** Who is sent segments: as few as are enough, the quick before those that have taken nothing for a while; whoever was begun with goes on. */
  #choose(): void {
    const { clock, replicas } = this.#options;
    const now = clock.now();
    const rank = (node: UploadNode): number => {
      if (node.finalized) return 0;
      if (!this.#used.has(node)) return 1;
      return now - node.movedAt >= PUT_STALL_MS ? 2 : 0;
    };
    const nodes = this.#nodesWhere(({ refused, peer }) => !refused && peer.usable).sort((a, b) => rank(a) - rank(b));
    for (const node of this.#coverage.choose(nodes, replicas) ?? nodes) {
      if (this.#used.has(node)) continue;
      node.movedAt = now;
      this.#used.add(node);
    }
  }

  #sendAll(): void {
    const { clock } = this.#options;
    for (let anyone = true; anyone; ) {
      anyone = false;
      for (const node of this.#used) {
        if (!node.isFree(clock.now())) continue;
        const indices = node.next();
        if (indices.length === 0) continue;
        node.load++;
        this.#track(this.#send(node, indices));
        anyone = true;
      }
    }
  }

  async #send(node: UploadNode, indices: readonly number[]): Promise<void> {
    const { file, storage, clock } = this.#options;
    const { txSeq, root, length } = file;
    try {
      const segments: SegmentAnswer[] = [];
      for (const index of indices) segments.push(await this.#segment(index));
      const request = { txSeq, root, length, segments, heldFrom: 0 };
      const answer = await node.peer.uploadSegments(request, { signal: this.#stop.signal });
      this.#sentBytes += segments.reduce((sum, { data }) => sum + data.length, 0);
      node.took(answer, clock.now());
      this.#patientUntil = clock.now() + PUT_PATIENCE_MS;
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      const error = storage.judge(node.peer, thrown);
      // only what a peer said is about the peer
      if (error.data?.remote !== true && error.code === 'REFUSED') throw error;
      node.again(indices);
      node.failed(error, clock.now());
      node.refused = FINAL.has(error.code);
    } finally {
      node.load--;
      this.#tell();
    }
  }

  /** A segment as it is moved, with its proof. */
  async #segment(index: number): Promise<SegmentAnswer> {
    const { source, tree } = this.#options;
    const { geometry } = tree;
    const data = new Uint8Array(segmentBytes(geometry, index));
    await source.read(index * FILE_SEGMENT_BYTES, data.subarray(0, segmentDataBytes(geometry, index)));
    return { index, data, proof: proveSegment(tree, index) };
  }

  #track(work: Promise<void>): void {
    const done: Promise<void> = work
      .catch((error: unknown) => {
        this.#failure ??= PerigeeError.from(error);
      })
      .finally(() => this.#inFlight.delete(done));
    this.#inFlight.add(done);
  }

  #tell(): void {
    const used = [...this.#used];
    const bytes = (segments: number): number => segments * FILE_SEGMENT_BYTES;
    this.#options.onProgress({
      storedBytes: bytes(used.reduce((sum, { stored }) => sum + stored, 0)),
      storeBytes: bytes(used.reduce((sum, { own }) => sum + own, 0)),
      sentBytes: this.#sentBytes,
      nodes: used.map(({ progress }) => progress),
    });
  }

  #nodesWhere(holds: (node: UploadNode) => boolean): UploadNode[] {
    return [...this.#nodes.values()].filter(holds);
  }

  #tooFew(): PerigeeError {
    const { file, replicas } = this.#options;
    const nodes = [...this.#nodes.values()];
    const errors = [
      ...nodes.flatMap(({ peer, error }) => (error === undefined ? [] : [[peer.id, error] as const])),
      ...this.#errors,
    ];
    const isEnough =
      this.#coverage.choose(
        nodes.filter(({ refused }) => !refused),
        replicas,
      ) !== undefined;
    const code = errors.find(([, error]) => error.code === 'STORE_FULL') ? 'STORE_FULL' : isEnough ? 'TIMEOUT' : 'NOT_FOUND';
    const what = isEnough
      ? 'nodes do not take it'
      : `the connected storage nodes do not have every segment ${replicas === 1 ? 'once' : `${replicas} times`}`;
    const why = errors.slice(0, NAMED_NODES).map(([id, { message }]) => `; ${id}: ${message}`);
    return new PerigeeError(
      code,
      `file ${toHex(file.root)} is paid for and not stored yet: ${what} (${nodes.length} of them known)${why.join('')}. The same command goes on with it`,
      { data: { nodes: nodes.length, replicas } },
    );
  }
}
