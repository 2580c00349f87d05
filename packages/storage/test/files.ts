import { createHash } from 'node:crypto';
import type { VerifiedHead, VerifiedState } from '@perigee/light-core/roles';
import { FLOW_KEY, fileRootKey, plainFileKey, STORE, storedFileKey } from '@perigee/light-core/state';
import {
  appendToFlow,
  emptyFlow,
  type FileTree,
  fileTreeOf,
  flowRootOf,
  proveSegment,
  segmentBytes,
} from '@perigee/light-core/storage';
import { systemClock } from '@perigee/net';
import { FILE_SEGMENT_BYTES, FlowRecord, PerigeeError, type SegmentAnswer, StoredFile, toHex, u32le, u64be } from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';

/** The kernel's: noble's takes ten times as long, and is compared with it where the kernel is tested. */
export const fileHash = await loadFileHasher();

/** So often something is asked again of a node that is busy. */
const MAX_PATIENCE = 100;

/** Asks, and asks again a moment later when a node says that it is busy: the long runs ask it for more than 200 things a second. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let again = 0; ; again++) {
    try {
      return await ask();
    } catch (error) {
      if (again === MAX_PATIENCE || !(error instanceof PerigeeError) || error.code !== 'BUSY') throw error;
      await systemClock.sleep(100);
    }
  }
}

/** A file with all that its submission and its proofs need. */
export interface Sample {
  readonly data: Uint8Array;
  readonly tree: FileTree;
}

const samples = new Map<string, Sample>();

/** Bytes that follow from a label. */
export function sampleOf(length: number, label: string | number = 0): Sample {
  const key = `${length} ${label}`;
  const known = samples.get(key);
  if (known !== undefined) return known;
  const data = new Uint8Array(length);
  for (let at = 0, i = 0; at < length; at += 32, i++) {
    const digest = createHash('sha256').update(`file ${label}`).update(u32le(i)).digest();
    data.set(digest.subarray(0, length - at), at);
  }
  const sample = { data, tree: fileTreeOf(data, fileHash) };
  samples.set(key, sample);
  return sample;
}

/** A segment as it is moved. */
export function segmentOf({ data, tree }: Sample, index: number): SegmentAnswer {
  const bytes = new Uint8Array(segmentBytes(tree.geometry, index));
  bytes.set(data.subarray(index * FILE_SEGMENT_BYTES, (index + 1) * FILE_SEGMENT_BYTES));
  return { index, data: bytes, proof: proveSegment(tree, index) };
}

export function segmentsOf(sample: Sample): SegmentAnswer[] {
  return Array.from({ length: sample.tree.geometry.segments }, (_, index) => segmentOf(sample, index));
}

/** What can be compared at once: test runners look at arrays byte by byte. */
export function briefly<T>(answer: SegmentAnswer | T): unknown {
  const isSegment = typeof answer === 'object' && answer !== null && 'proof' in answer;
  return isSegment ? { ...answer, data: createHash('sha256').update(answer.data).digest('hex') } : answer;
}

/** State of a chain that stores files, whose blocks are made by hand: without consensus and proofs, which are tested where they live. */
export class FileLedger implements VerifiedState {
  readonly #values = new Map<string, Uint8Array>();
  readonly #listeners = new Set<(head: VerifiedHead) => void>();
  #flow: FlowRecord = { ...emptyFlow(), root: flowRootOf(emptyFlow(), fileHash), submissions: 0, paidSectors: 0, pool: 0n };
  #height = 0;
  /** Questions that were asked. */
  questions = 0;
  /** Makes every question fail, as a state does that cannot be reached. */
  broken = false;

  /** Gives a file its place. `advance` tells of it. */
  submit({ tree }: Sample, tags: Uint8Array = new Uint8Array(0)): StoredFile {
    const { flow, start } = appendToFlow(this.#flow, tree.nodes, fileHash);
    const txSeq = this.#flow.submissions;
    const flowRoot = flowRootOf(flow, fileHash);
    const { root, nodes, geometry } = tree;
    const place = { txSeq, root, startSector: start, height: this.#height + 1, flowRoot };
    const file: StoredFile = {
      length: geometry.length,
      nodes: [...nodes],
      tags,
      author: new Uint8Array(20),
      price: 0n,
      ...place,
    };
    this.#flow = { ...this.#flow, ...flow, root: flowRoot };
    this.record(file);
    return file;
  }

  /** Puts a submission into the state that another ledger gave its place. */
  record(file: StoredFile): void {
    const { txSeq, root, length, tags } = file;
    this.#flow = { ...this.#flow, submissions: txSeq + 1 };
    this.#set(storedFileKey(txSeq), StoredFile.encode(file));
    this.#set(fileRootKey(root), u64be(txSeq));
    if (tags.length === 0) this.#set(plainFileKey(root, length), u64be(txSeq));
    this.#set(FLOW_KEY, FlowRecord.encode(this.#flow));
  }

  /** The next head. */
  advance(): void {
    this.#height += 1;
    const head = this.head();
    if (head !== undefined) for (const listener of this.#listeners) listener(head);
  }

  head(): VerifiedHead | undefined {
    if (this.#height === 0) return undefined;
    const hash = new Uint8Array(32);
    return { height: this.#height, headerHash: hash, chainId: 'files-0', timeMs: 0, appHash: hash };
  }

  async get(store: string, key: Uint8Array): Promise<Uint8Array | undefined> {
    this.questions += 1;
    if (this.broken) throw new PerigeeError('UNREACHABLE', 'the state cannot be reached');
    return store === STORE.storage ? this.#values.get(toHex(key)) : undefined;
  }

  onHead(listener: (head: VerifiedHead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(key: Uint8Array, value: Uint8Array): void {
    this.#values.set(toHex(key), value);
  }
}
