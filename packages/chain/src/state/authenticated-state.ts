import { appHashOf, proveStore, RESERVED_KEY, RESERVED_VALUE, type StoreRoot } from '@perigee/light-core/state';
import {
  equal,
  MAX_STATE_KEY_BYTES,
  MAX_STATE_VALUE_BYTES,
  PerigeeError,
  PROOF_WINDOW_HEIGHTS,
  type StateProof,
  toHex,
} from '@perigee/wire';
import { Database, type Write } from '../db/index.ts';
import { bytesOf, type Entry, entryOf, nameOf } from './entry.ts';
import { exportNodes } from './export.ts';
import { LiveTree } from './live-tree.ts';
import { migrate } from './migrate.ts';
import { digestBytes, type Load, type NodeRef } from './node.ts';
import { NodeStore } from './node-store.ts';
import { orphansOf, prunePages, type StoreOrphans } from './orphans.ts';
import { FIRST_PAGE } from './page-writer.ts';
import { PlaceHelper } from './place-helper.ts';
import { proveKey, valueAt } from './prove.ts';
import { RecentEntries } from './recent-entries.ts';
import {
  ALL_PAGES,
  metaKey,
  OrphansRecord,
  orphansRecordKey,
  refOf,
  refRecordOf,
  VersionRecord,
  versionRecordKey,
} from './records.ts';
import type { StateRestore, StoreNode } from './state-restore.ts';
import { TreeRestore } from './tree-restore.ts';
import type { NamedEntry, StateReader, StateView } from './view.ts';

const FORMAT = { kind: 'state', version: 2, migrate } as const;
/** There while nodes of a snapshot are written: what they belong to is not known to be right yet. */
const RESTORING = metaKey('restoring');

/** The state after one block: its root and the roots of its stores. */
export interface StateVersion {
  readonly height: number;
  readonly appHash: Uint8Array;
}

interface Version extends StateVersion {
  readonly stores: readonly { readonly name: string; readonly root: NodeRef; readonly nextPage: number }[];
}

/** A block's writes, hashed and not yet on disk. */
export interface PreparedState extends StateVersion {
  /** @internal */
  readonly version: Version;
  readonly writes: readonly Write[];
  readonly changes: readonly { readonly store: string; readonly written: readonly NamedEntry[] }[];
  readonly written: () => void;
}

/** A store after a block. */
export interface StateTree extends Pick<StateProof, 'height' | 'store' | 'storeRoot' | 'outer'> {
  readonly root: NodeRef;
  readonly load: Load;
}

/** The authenticated state of PROTOCOL §6 on disk: one AVL+ tree a store, one version a block, provable for the last 1,000. */
export class AuthenticatedState implements StateReader {
  readonly #db: Database;
  readonly #stores: ReadonlyMap<string, NodeStore>;
  /** The last committed trees. */
  readonly #live: ReadonlyMap<string, LiveTree>;
  readonly #window: number;
  readonly #recent = new RecentEntries();
  readonly #placing = new PlaceHelper();
  /** Ascending by height, no gaps. */
  #versions: Version[];

  private constructor(db: Database, names: readonly string[], versions: Version[], window: number) {
    this.#db = db;
    this.#stores = new Map(names.toSorted().map((name) => [name, new NodeStore(db, name)]));
    this.#live = new Map([...this.#stores].map(([name, nodes]) => [name, new LiveTree(nodes)]));
    this.#versions = versions;
    this.#window = window;
  }

  /**
   * @param dir directory of the state alone
   * @param names stores that the state may have; which of them it has, its first block says
   * @param options `window`: how many heights stay provable, at least 2
   * @throws STORE_VERSION, STORE_CORRUPT, STORE_LOCKED
   */
  static async open(dir: string, names: readonly string[], { window = PROOF_WINDOW_HEIGHTS } = {}): Promise<AuthenticatedState> {
    if (window < 2)
      throw new PerigeeError('INVALID_ARGUMENT', `a window of ${window} heights cannot hold the last state and the next`);
    const db = await Database.open(dir, FORMAT);
    try {
      const versions: Version[] = [];
      const range = { from: versionRecordKey(0), to: versionRecordKey(Number.MAX_SAFE_INTEGER) };
      for await (const key of db.keys(range)) {
        const raw = db.get(key);
        if (raw !== undefined) versions.push(decodeVersion(raw));
      }
      const gap = versions.find((version, i) => i > 0 && version.height !== (versions[i - 1]?.height ?? 0) + 1);
      if (gap !== undefined)
        throw new PerigeeError('STORE_CORRUPT', `the state before height ${gap.height} is missing in ${dir}`);
      const state = new AuthenticatedState(db, names, versions, window);
      await state.#forgetRestore();
      state.#checkRoots(dir);
      return state;
    } catch (error) {
      await db.close();
      throw error instanceof PerigeeError && error.code !== 'PARSE' ? error : corrupt(dir, error);
    }
  }

  /** The last committed state, `undefined` before the first. */
  get latest(): StateVersion | undefined {
    return this.#versions.at(-1);
  }

  /** First height that can still be proved. */
  get earliest(): number {
    return this.#versions[0]?.height ?? 0;
  }

  get(store: string, key: Uint8Array): Uint8Array | undefined {
    return bytesOf(this.entry(store, key, nameOf(key)));
  }

  /** @internal for views over this state */
  entry(store: string, key: Uint8Array, name: string): Entry {
    const tree = this.#liveTree(store);
    const recent = this.#recent.get(store, name);
    if (recent !== undefined) return recent;
    const last = this.#versions.at(-1);
    const entry = entryOf(key, tree.lookup(rootOf(last, store), key));
    if (last !== undefined) this.#recent.set(store, name, entry);
    return entry;
  }

  /** @returns what was kept beside the state with `commit` */
  meta(name: string): Uint8Array | undefined {
    return this.#db.get(metaKey(name));
  }

  /**
   * Apply a block's writes, ascending by key, to the last committed state. Nothing is changed until `commit`.
   *
   * @param height of the block: the next one, or any when there is no state yet
   * @param stores that the first state is born with, the same on every node of a chain; later ones have those of the one before
   * @throws INVALID_ARGUMENT when a key or value is too long, or the height is not the next
   */
  prepare(height: number, view: StateView, stores: readonly string[] = [...this.#stores.keys()]): PreparedState {
    const last = this.#versions.at(-1);
    if (height < 1 || (last !== undefined && height !== last.height + 1)) {
      throw new PerigeeError('INVALID_ARGUMENT', `state of height ${height} cannot follow that of ${last?.height ?? 'nothing'}`);
    }
    const writes: Write[] = [];
    const written: (() => void)[] = [];
    const after: Version['stores'][number][] = [];
    const orphans: StoreOrphans[] = [];
    const changed: PreparedState['changes'][number][] = [];
    for (const name of this.#stores.keys()) {
      const before = last?.stores.find((store) => store.name === name);
      if (last === undefined ? !stores.includes(name) : before === undefined) {
        if (view.written(name).length > 0) throw new PerigeeError('INTERNAL', `the state has no store "${name}" to write to`);
        continue;
      }
      const tree = this.#liveTree(name);
      const edit = tree.edit(before?.root, height);
      if (edit.root === undefined) edit.set(RESERVED_KEY, RESERVED_VALUE);
      const changes = view.written(name);
      for (const { entry } of changes) checkSize(entry.key, entry.bytes);
      edit.apply(changes);
      changed.push({ store: name, written: changes });
      if (edit.root === undefined) throw new PerigeeError('INTERNAL', `store "${name}" lost its reserved key`);
      const where = { store: name, made: edit.made.length, nextPage: before?.nextPage ?? FIRST_PAGE };
      const { pages, nextPage } = this.#placing.place(edit.table, edit.root, where);
      after.push({ name, root: edit.table.refOf(edit.root), nextPage });
      for (const write of pages) writes.push(write);
      written.push(() => tree.committed(edit));
      if (edit.orphans.length > 0) orphans.push(orphansOf(name, edit.orphanPlaces()));
    }
    const appHash = appHashOf(after.map(storeRoot));
    const version: Version = { height, appHash, stores: after };
    writes.push({ key: versionRecordKey(height), value: encodeVersion(version) });
    if (orphans.length > 0) writes.push({ key: orphansRecordKey(height), value: OrphansRecord.encode({ stores: orphans }) });
    return { height, appHash, version, writes, changes: changed, written: () => written.forEach((done) => void done()) };
  }

  /**
   * Make a prepared state the last one: when this returns, it is on disk.
   *
   * @param meta kept beside the state, under the names given
   */
  async commit(prepared: PreparedState, meta: Readonly<Record<string, Uint8Array>> = {}): Promise<void> {
    // a restore that was given up for a chain from its genesis
    if (this.#versions.length === 0) await this.#forgetRestore();
    const kept = Object.entries(meta).map(([name, value]) => ({ key: metaKey(name), value }));
    const gone = Math.max(0, this.#versions.length + 1 - this.#window);
    const prune = this.#prune(this.#versions.slice(0, gone));
    // before the nodes go, so that nobody is given half a proof
    this.#versions = this.#versions.slice(gone);
    await this.#db.write([...prepared.writes, ...kept, ...prune]);
    prepared.written();
    for (const { store, written } of prepared.changes) this.#recent.changed(store, written);
    this.#versions.push(prepared.version);
  }

  /**
   * @param height height whose state is proved, under header `height + 1`; 0 for the last
   * @throws PRUNED, NOT_FOUND, INVALID_ARGUMENT
   */
  prove(store: string, key: Uint8Array, height = 0): StateProof {
    const { root, load, ...where } = this.tree(store, height);
    return { ...where, inner: proveKey(root, key, load) };
  }

  /** A store after a block, to prove more of it than a key; as `prove`. */
  tree(store: string, height = 0): StateTree {
    const first = this.#versions[0];
    const last = this.#versions.at(-1);
    if (first === undefined || last === undefined || height > last.height) {
      throw new PerigeeError('NOT_FOUND', `there is no state of height ${height} yet; the last is ${last?.height ?? 'none'}`);
    }
    if (height !== 0 && height < first.height) {
      throw new PerigeeError('PRUNED', `state of height ${height} is no longer kept; the first is ${first.height}`, {
        data: { earliest: first.height },
      });
    }
    const version = (height === 0 ? last : this.#versions[height - first.height]) ?? last;
    const nodes = this.#store(store);
    const root = rootOf(version, store);
    if (root === undefined) throw new PerigeeError('NOT_FOUND', `store "${store}" did not exist at height ${version.height}`);
    return {
      height: version.height,
      store,
      storeRoot: digestBytes(root.hash),
      outer: proveStore(version.stores.map(storeRoot), store),
      root,
      load: nodes.load,
    };
  }

  /**
   * All nodes of a committed state, for a snapshot. Read while blocks go on; a height that is pruned meanwhile ends in STORE_CORRUPT.
   *
   * @throws NOT_FOUND
   */
  *exportState(height: number): Generator<StoreNode> {
    const version = this.#versions.find((candidate) => candidate.height === height);
    if (version === undefined) throw new PerigeeError('NOT_FOUND', `the state of height ${height} is not kept`);
    for (const { name, root } of version.stores) {
      const nodes = this.#store(name);
      for (const node of exportNodes(root, (ref) => nodes.read(ref))) yield { store: name, ...node };
    }
  }

  /**
   * Begin to restore the state of a height. What an earlier try left is deleted, and so is this one if the program ends before it finishes.
   *
   * @throws INVALID_ARGUMENT when there is a state already
   */
  async restore(height: number): Promise<StateRestore> {
    this.#checkEmpty();
    await this.#forgetRestore();
    await this.#db.write([{ key: RESTORING, value: Uint8Array.of(1) }]);
    const trees = new Map([...this.#stores].map(([name, nodes]) => [name, new TreeRestore(nodes, height)]));
    return {
      add: async (nodes) => {
        this.#checkEmpty();
        for (const { store, ...node } of nodes) {
          const tree = trees.get(store);
          if (tree === undefined)
            throw new PerigeeError('PARSE', `the snapshot holds store "${store}", which this state does not have`);
          tree.add(node);
        }
        await this.#db.write([...trees.values()].flatMap((tree) => tree.flush()));
      },
      // not through the cache: another snapshot may put other nodes in these places
      get: (store, key) => valueAt(trees.get(store)?.root(), key, (ref) => this.#store(store).read(ref)),
      finish: async (appHash, meta) => {
        this.#checkEmpty();
        // a store without a node is one that the state does not have: the app hash tells
        const stores = [...trees]
          .filter(([, tree]) => !tree.isEmpty)
          .map(([name, tree]) => ({ name, root: tree.root(), nextPage: tree.nextPage }));
        const found = appHashOf(stores.map(storeRoot));
        if (!equal(found, appHash)) {
          throw new PerigeeError('PROOF_ROOT', `the snapshot is of state ${toHex(found)}, not of ${toHex(appHash)}`);
        }
        const version: Version = { height, appHash, stores };
        await this.#db.write([
          { key: versionRecordKey(height), value: encodeVersion(version) },
          { key: RESTORING, value: undefined },
          ...Object.entries(meta).map(([name, value]) => ({ key: metaKey(name), value })),
        ]);
        this.#recent.clear();
        this.#versions = [version];
      },
    };
  }

  async close(): Promise<void> {
    await this.#placing.close();
    await this.#db.close();
  }

  #checkEmpty(): void {
    if (this.latest === undefined) return;
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `there is a state of height ${this.latest.height}; restore into an empty directory`,
    );
  }

  /** Deletes the nodes of a restore that did not finish. */
  async #forgetRestore(): Promise<void> {
    if (this.#db.get(RESTORING) === undefined) return;
    await this.#db.clear(ALL_PAGES);
    for (const nodes of this.#stores.values()) nodes.forget();
    await this.#db.write([{ key: RESTORING, value: undefined }]);
  }

  /** Deletes heights, and the nodes that only they held. */
  #prune(versions: readonly Version[]): Write[] {
    const writes: Write[] = [];
    const orphans: StoreOrphans[] = [];
    for (const { height } of versions) {
      const raw = this.#db.get(orphansRecordKey(height + 1));
      if (raw !== undefined) orphans.push(...OrphansRecord.decode(raw).stores);
      writes.push({ key: versionRecordKey(height), value: undefined }, { key: orphansRecordKey(height + 1), value: undefined });
    }
    for (const [name] of this.#stores) {
      writes.push(
        ...prunePages(
          this.#db,
          name,
          orphans.filter((store) => store.name === name),
        ),
      );
    }
    return writes;
  }

  #store(name: string): NodeStore {
    const store = this.#stores.get(name);
    if (store === undefined) throw new PerigeeError('INVALID_ARGUMENT', `there is no store "${name}" in the state`);
    return store;
  }

  #liveTree(name: string): LiveTree {
    const tree = this.#live.get(name);
    if (tree === undefined) throw new PerigeeError('INVALID_ARGUMENT', `there is no store "${name}" in the state`);
    return tree;
  }

  /** The last state can at least be entered. */
  #checkRoots(dir: string): void {
    for (const { name, root } of this.#versions.at(-1)?.stores ?? []) {
      const nodes = this.#stores.get(name);
      if (nodes === undefined)
        throw new PerigeeError('STORE_VERSION', `${dir} holds store "${name}", which this program does not know`);
      nodes.load(root);
    }
  }
}

function rootOf(version: Version | undefined, store: string): NodeRef | undefined {
  return version?.stores.find(({ name }) => name === store)?.root;
}

function storeRoot({ name, root }: { name: string; root: NodeRef }): StoreRoot {
  return { name, root: digestBytes(root.hash) };
}

function encodeVersion({ height, appHash, stores }: Version): Uint8Array {
  return VersionRecord.encode({
    height,
    appHash,
    stores: stores.map(({ root, ...rest }) => ({ ...rest, root: refRecordOf(root) })),
  });
}

function decodeVersion(raw: Uint8Array): Version {
  const { height, appHash, stores } = VersionRecord.decode(raw);
  return { height, appHash, stores: stores.map(({ root, ...rest }) => ({ ...rest, root: refOf(root) })) };
}

function checkSize(key: Uint8Array, value: Uint8Array | undefined): void {
  if (key.length === 0 || key.length > MAX_STATE_KEY_BYTES || (value?.length ?? 0) > MAX_STATE_VALUE_BYTES) {
    throw new PerigeeError('INVALID_ARGUMENT', `a state entry of ${key.length} and ${value?.length ?? 0} bytes is out of bounds`);
  }
}

function corrupt(dir: string, cause: unknown): PerigeeError {
  return new PerigeeError('STORE_CORRUPT', `${dir} cannot be read; restore it, or use another directory`, { cause });
}
