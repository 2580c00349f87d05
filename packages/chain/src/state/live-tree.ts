import { PerigeeError } from '@perigee/wire';
import type { NodeRef } from './node.ts';
import type { NodeStore } from './node-store.ts';
import { NodeTable, type Row } from './node-table.ts';
import { TreeEdit } from './tree.ts';

/** What is kept in memory of one store; when there is more, half of it goes. */
export interface Room {
  /** Some 80 bytes each. */
  readonly rows: number;
  /** Of their keys and values. */
  readonly bytes: number;
}

const ROOM: Room = { rows: 1 << 19, bytes: 64 * 1024 * 1024 };

/** The last committed tree of one store, as blocks are executed on it: what was used lately is in memory. */
export class LiveTree {
  readonly #nodes: Pick<NodeStore, 'read'>;
  readonly #room: Room;
  #table = new NodeTable();
  #root: Row | undefined;
  /** The block in the making, which may be given up. */
  #edit: TreeEdit | undefined;
  #clock = 1;

  constructor(nodes: Pick<NodeStore, 'read'>, room = ROOM) {
    this.#nodes = nodes;
    this.#room = room;
  }

  /** Forgets what is in memory: the tree on disk is another. */
  reset(): void {
    this.#table = new NodeTable();
    this.#root = undefined;
    this.#edit = undefined;
  }

  /** @returns a copy of the value */
  lookup(root: NodeRef | undefined, key: Uint8Array): Uint8Array | undefined {
    if (root === undefined) return undefined;
    if (this.#edit === undefined) this.#makeRoom();
    let row = this.#enter(root);
    const table = this.#table;
    while (table.height(row) > 0) {
      this.#load(row);
      row = table.compareKey(key, row) < 0 ? table.left(row) : table.right(row);
    }
    this.#load(row);
    return table.compareKey(key, row) === 0 ? new Uint8Array(table.value(row)) : undefined;
  }

  /** Begins the next tree; one that was begun before and not committed is given up. @param version height of the block */
  edit(root: NodeRef | undefined, version: number): TreeEdit {
    if (this.#edit !== undefined) for (const row of this.#edit.made) this.#table.free(row);
    this.#edit = undefined;
    if (root === undefined) this.reset();
    else this.#makeRoom();
    const before = root === undefined ? undefined : this.#enter(root);
    this.#edit = new TreeEdit(this.#table, (row) => this.#load(row), before, version);
    return this.#edit;
  }

  /** The tree of an edit is on disk: it is the last one now. */
  committed(edit: TreeEdit): void {
    // another was begun in its stead, and its rows are gone
    if (edit !== this.#edit) {
      this.reset();
      return;
    }
    for (const row of edit.orphans) this.#table.free(row);
    for (const row of edit.made) if (this.#table.place(row) === 0) this.#table.free(row);
    this.#root = edit.root;
    this.#edit = undefined;
  }

  #enter(root: NodeRef): Row {
    if (this.#root !== undefined && this.#table.place(this.#root) === root.place) return this.#root;
    this.reset();
    this.#root = this.#table.addRef(root);
    return this.#root;
  }

  #load(row: Row): void {
    this.#table.use(row, this.#clock);
    if (!this.#table.isLoaded(row)) this.#table.fill(row, this.#nodes.read(this.#table.refOf(row)));
  }

  /**
   * Where there are too many rows, goes on with a table of half as many: those that were used since the last time, from the root downwards, so that
   * what every path needs is there.
   */
  #makeRoom(): void {
    const from = this.#table;
    const { rows, bytes } = this.#room;
    if (this.#root === undefined || (from.rows < rows && from.bytesUsed < bytes)) return;
    const to = new NodeTable();
    const origin: Row[] = [this.#root];
    to.copyRef(from, this.#root);
    for (let row = 0; row < to.rows && to.rows < rows / 2 && to.bytesUsed < bytes / 2; row++) {
      const old = origin[row];
      if (old === undefined) throw new PerigeeError('INTERNAL', 'a row was copied from nowhere');
      if (!from.isLoaded(old) || from.used(old) < this.#clock) continue;
      to.copyLoaded(row, from, old);
      if (from.height(old) > 0) origin.push(from.left(old), from.right(old));
    }
    this.#table = to;
    this.#root = 0;
    this.#clock += 1;
  }
}
