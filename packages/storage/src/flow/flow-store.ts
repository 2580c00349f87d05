import { rm } from 'node:fs/promises';
import { letGo, OpenLevel, openOnce } from '@perigee/disk';
import {
  appendToFlow,
  emptyFlow,
  type FileHash,
  type Flow,
  type FlowName,
  type FlowNodes,
  flowRootOf,
  sectorsOf,
} from '@perigee/light-core/storage';
import {
  concat,
  equal,
  type Infer,
  MAX_FLOW_DEPTH,
  message,
  PerigeeError,
  proto,
  type StoredFile,
  toHex,
  u64be,
} from '@perigee/wire';

/** Version of what is kept. */
const FORMAT = 1;
const STATE_KEY = 'state';
/** All keys but that of the version. */
const ALL_KEYS = { gte: 'n', lt: 't' } as const;

export const FlowStoreState = message('FlowStoreState', {
  /** First submission that is not in the flow yet. */
  next: [1, proto.uint53()],
  /** Sectors. */
  length: [2, proto.uint53()],
  frontier: [3, proto.repeated(proto.fixedBytes(32), MAX_FLOW_DEPTH + 1)],
});
export type FlowStoreState = Infer<typeof FlowStoreState>;

/** Where a submission lies. */
export interface FlowPlace {
  readonly txSeq: number;
  readonly start: number;
  readonly sectors: number;
}

export interface FlowStoreOptions {
  /** Folder; made when it is not there. */
  readonly dir: string;
  readonly hash: FileHash;
  /** Told when what was kept cannot be read: it is made anew from the chain. */
  readonly onFault?: (error: PerigeeError) => void;
}

/**
 * The flow's tree above the files: the nodes of all submissions and the full subtrees over them, its roots, and where each file lies. All of it
 * follows from the chain's submissions, so what is lost is made again.
 */
export class FlowStore implements FlowNodes {
  readonly #path: string;
  readonly #level: OpenLevel;
  readonly #hash: FileHash;
  #next: number;
  #flow: Flow;
  #root: Uint8Array;

  private constructor(path: string, level: OpenLevel, hash: FileHash, { next, ...flow }: FlowStoreState) {
    this.#path = path;
    this.#level = level;
    this.#hash = hash;
    this.#next = next;
    this.#flow = flow;
    this.#root = flowRootOf(flow, hash);
  }

  /** @throws STORE_LOCKED, STORE_VERSION, STORE_FULL, INTERNAL */
  static async open({ dir, hash, onFault = () => {} }: FlowStoreOptions): Promise<FlowStore> {
    return openOnce(dir, 'the flow', async (path) => {
      try {
        return await FlowStore.#read(path, hash);
      } catch (error) {
        if (!(error instanceof PerigeeError && (error.code === 'STORE_CORRUPT' || error.code === 'PARSE'))) throw error;
        onFault(
          new PerigeeError('STORE_CORRUPT', `the flow in ${dir} cannot be read; it is made anew from the chain`, {
            cause: error,
          }),
        );
        await rm(path, { recursive: true, force: true });
        return FlowStore.#read(path, hash);
      }
    });
  }

  static async #read(path: string, hash: FileHash): Promise<FlowStore> {
    const level = await OpenLevel.open(path, FORMAT, 'nodes of the flow');
    try {
      const raw = await level.read((db) => db.get(STATE_KEY));
      const state = raw === undefined ? FIRST : FlowStoreState.decodeCanonical(raw);
      return new FlowStore(path, level, hash, state);
    } catch (error) {
      await level.close();
      throw error;
    }
  }

  /** First submission that is not in it yet. */
  get next(): number {
    return this.#next;
  }

  /** The flow after the last submission that is in it. */
  get latest(): FlowName {
    return { root: this.#root, length: this.#flow.length };
  }

  /**
   * Take the next submissions, in order, as the chain's state proves them; numbers between them are of writes to streams, which are no files. Returns
   * when they survive a power cut; when this throws, none of them is in.
   *
   * @param end number before which there are no others
   * @throws STORE_CORRUPT when one of them is not a next one, or what was kept does not lead to the root that the chain has: see `reset`;
   *   STORE_FULL, INTERNAL
   */
  async append(files: readonly StoredFile[], end = 0): Promise<void> {
    let [next, flow, root] = [this.#next, this.#flow, this.#root];
    const puts: { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }[] = [];
    const put = (key: string, value: Uint8Array): void => void puts.push({ type: 'put', key, value });
    for (const { txSeq, nodes, startSector, flowRoot } of files) {
      const appended = appendToFlow(flow, nodes, this.#hash);
      flow = appended.flow;
      root = flowRootOf(flow, this.#hash);
      if (txSeq < next || appended.start !== startSector || !equal(root, flowRoot)) {
        throw new PerigeeError(
          'STORE_CORRUPT',
          `the flow in ${this.#path} does not lead to that of submission ${txSeq}: it must be made anew`,
        );
      }
      next = txSeq + 1;
      for (const { height, index, hash } of appended.nodes) put(nodeKey(height, index), hash);
      put(rootKey(root), u64be(flow.length));
      put(startKey(startSector), concat(u64be(txSeq), u64be(sectorsOf(nodes))));
    }
    next = Math.max(next, end);
    if (next === this.#next) return;
    put(STATE_KEY, FlowStoreState.encode({ next, length: flow.length, frontier: [...flow.frontier] }));
    await this.#level.write((level) => level.batch(puts, { sync: true }));
    [this.#next, this.#flow, this.#root] = [next, flow, root];
  }

  /** Forget everything. @throws STORE_FULL, INTERNAL */
  async reset(): Promise<void> {
    await this.#level.write((level) => level.clear(ALL_KEYS));
    const { next, ...flow } = FIRST;
    [this.#next, this.#flow, this.#root] = [next, flow, flowRootOf(flow, this.#hash)];
  }

  /** The flow of a root that it had after some submission. @throws STORE_CORRUPT, INTERNAL */
  async named(root: Uint8Array): Promise<FlowName | undefined> {
    if (equal(root, this.#root)) return this.latest;
    const raw = await this.#level.read((level) => level.get(rootKey(root)));
    return raw && { root, length: numberAt(raw, 0) };
  }

  async get(height: number, index: number): Promise<Uint8Array | undefined> {
    // the first sector is no hash of data, and no submission's
    if (height === 0 && index === 0) return emptyFlow().frontier[0];
    return this.#level.read((level) => level.get(nodeKey(height, index)));
  }

  /** The last submission that does not start behind a sector. */
  async placeOf(sector: number): Promise<FlowPlace | undefined> {
    const range = { gte: startKey(0), lte: startKey(sector), reverse: true, limit: 1 } as const;
    const [entry] = await this.#level.read((level) => level.iterator(range).all());
    if (entry === undefined) return undefined;
    const [key, value] = entry;
    return { start: Number.parseInt(key.slice(2), 16), txSeq: numberAt(value, 0), sectors: numberAt(value, 8) };
  }

  async close(): Promise<void> {
    await this.#level.close();
    letGo(this.#path);
  }
}

const FIRST: FlowStoreState = { next: 0, length: emptyFlow().length, frontier: [...emptyFlow().frontier] };

/** Seven bytes hold any position. */
function startKey(sector: number): string {
  return `s/${sector.toString(16).padStart(14, '0')}`;
}

function nodeKey(height: number, index: number): string {
  return `n/${height.toString(16).padStart(2, '0')}/${index.toString(16).padStart(14, '0')}`;
}

function rootKey(root: Uint8Array): string {
  return `r/${toHex(root)}`;
}

function numberAt(raw: Uint8Array, at: number): number {
  return Number(new DataView(raw.buffer, raw.byteOffset, raw.byteLength).getBigUint64(at));
}
