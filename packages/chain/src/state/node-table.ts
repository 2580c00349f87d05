import { PerigeeError } from '@perigee/wire';
import { type Digest, isLeaf, isRef, NodeRef, type TreeNode } from './node.ts';

/** A node of a `NodeTable`. */
export type Row = number;

/** Where a table is: threads can share it. */
export interface TableMemory {
  readonly rows: SharedArrayBuffer;
  readonly digests: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
}

/** Rows that a table begins with. */
const FIRST_ROWS = 1_024;
/** Bytes for keys and values that it begins with. */
const FIRST_BYTES = 64 * 1_024;
const DIGEST_BYTES = 32;
/** Longest arena: offsets have 31 bits. */
const MAX_ARENA_BYTES = 2 ** 31 - 1;

// A row takes 64 bytes, which is what processors fetch at once: a walk meets rows that are far from each other. Three wide numbers come first,
const WIDE = 8;
const [VERSION, PLACE, SIZE] = [0, 1, 2];
// and then, counted in 32 bits
const NARROW = 16;
const [LEFT, RIGHT, KEY_AT, KEY_LENGTH, VALUE_AT, VALUE_LENGTH, HEIGHT, USED] = [6, 7, 8, 9, 10, 11, 12, 13];

/**
 * Nodes of one tree in memory, a row of numbers each. No object is made for a node: a block makes tens of thousands, and as objects they
 * would be copied and traced by the garbage collector for longer than it takes to hash them.
 *
 * A row is known before it is loaded: its parent says all but its key, value and children. A row that a block makes has no place until it
 * gets one on disk, and a row never changes its meaning once it has, so trees of two heights share rows.
 */
export class NodeTable {
  #wide: Float64Array;
  #narrow: Int32Array;
  /** 32 bytes a row; of a leaf without a place that of its value. */
  digests: Buffer;
  /** Keys and values, one after another; rows share them. */
  bytes: Buffer;
  #memory: TableMemory;
  #bytesUsed = 0;
  #rows = 0;
  readonly #free: Row[] = [];

  /** @param memory of a table of another thread, to which nothing may be added; else that of a new one */
  constructor(memory: TableMemory = firstMemory()) {
    this.#memory = memory;
    this.#wide = new Float64Array(memory.rows);
    this.#narrow = new Int32Array(memory.rows);
    this.digests = Buffer.from(memory.digests);
    this.bytes = Buffer.from(memory.bytes);
  }

  /** As it is until something is added. */
  get memory(): TableMemory {
    return this.#memory;
  }

  // what a parent says

  height(row: Row): number {
    return this.#narrow[NARROW * row + HEIGHT] as number;
  }

  /** Leaves below. */
  size(row: Row): number {
    return this.#wide[WIDE * row + SIZE] as number;
  }

  version(row: Row): number {
    return this.#wide[WIDE * row + VERSION] as number;
  }

  /** As in `NodeRef`; 0 for none. */
  place(row: Row): number {
    return this.#wide[WIDE * row + PLACE] as number;
  }

  setPlace(row: Row, place: number): void {
    this.#wide[WIDE * row + PLACE] = place;
  }

  // what is loaded

  left(row: Row): Row {
    return this.#narrow[NARROW * row + LEFT] as number;
  }

  right(row: Row): Row {
    return this.#narrow[NARROW * row + RIGHT] as number;
  }

  keyAt(row: Row): number {
    return this.#narrow[NARROW * row + KEY_AT] as number;
  }

  /** 0 for a row that is not loaded. */
  keyLength(row: Row): number {
    return this.#narrow[NARROW * row + KEY_LENGTH] as number;
  }

  valueAt(row: Row): number {
    return this.#narrow[NARROW * row + VALUE_AT] as number;
  }

  valueLength(row: Row): number {
    return this.#narrow[NARROW * row + VALUE_LENGTH] as number;
  }

  /** When the row was last asked for, on the clock of the table's user. */
  used(row: Row): number {
    return this.#narrow[NARROW * row + USED] as number;
  }

  use(row: Row, clock: number): void {
    this.#narrow[NARROW * row + USED] = clock;
  }

  /** Rows that were ever given: those that were freed count. */
  get rows(): number {
    return this.#rows;
  }

  get bytesUsed(): number {
    return this.#bytesUsed;
  }

  /** A row of which is known what its parent says. */
  addRef(ref: NodeRef): Row {
    const row = this.#add(ref.version, ref.height, ref.size);
    this.setPlace(row, ref.place);
    this.setDigest(row, ref.hash);
    return row;
  }

  /** What a parent says of a row. */
  refOf(row: Row): NodeRef {
    const at = DIGEST_BYTES * row;
    const digest = this.digests.toString('latin1', at, at + DIGEST_BYTES);
    return new NodeRef(this.version(row), this.place(row), this.height(row), this.size(row), digest);
  }

  /** A new branch. @param keyOf a row whose key it has */
  addInner(version: number, keyOf: Row, left: Row, right: Row): Row {
    const height = 1 + Math.max(this.height(left), this.height(right));
    const row = this.#add(version, height, this.size(left) + this.size(right));
    this.#setChildren(row, left, right);
    this.#shareKey(row, keyOf);
    return row;
  }

  /** A new leaf, whose digest is that of its value until it gets its place. @param keyOf a row that has its key, if one does */
  addLeaf(version: number, key: Uint8Array | Row, value: Uint8Array, valueDigest: Digest): Row {
    const row = this.#add(version, 0, 1);
    if (typeof key === 'number') this.#shareKey(row, key);
    else this.#putKey(row, key);
    this.#putValue(row, value);
    this.setDigest(row, valueDigest);
    return row;
  }

  /** Take in a node whose row is known. */
  fill(row: Row, node: TreeNode): void {
    this.#putKey(row, node.key);
    if (isLeaf(node)) this.#putValue(row, node.value);
    else {
      const { left, right } = node;
      if (!isRef(left) || !isRef(right)) throw new TypeError('a node on disk has its children there');
      this.#setChildren(row, this.addRef(left), this.addRef(right));
    }
  }

  /** A row as its parent knows it, taken from another table. */
  copyRef(from: NodeTable, row: Row): Row {
    const copy = this.#add(from.version(row), from.height(row), from.size(row));
    this.setPlace(copy, from.place(row));
    this.use(copy, from.used(row));
    from.digests.copy(this.digests, DIGEST_BYTES * copy, DIGEST_BYTES * row, DIGEST_BYTES * (row + 1));
    return copy;
  }

  /** What is loaded of a row, taken from another table; its children come as their parent knows them. */
  copyLoaded(copy: Row, from: NodeTable, row: Row): void {
    this.#putKey(copy, from.key(row));
    if (from.height(row) === 0) this.#putValue(copy, from.value(row));
    else {
      this.#setChildren(copy, this.copyRef(from, from.left(row)), this.copyRef(from, from.right(row)));
    }
  }

  /** Gives rows up, to be used again. */
  free(row: Row): void {
    this.#narrow[NARROW * row + KEY_LENGTH] = 0;
    this.#free.push(row);
  }

  isLoaded(row: Row): boolean {
    return this.keyLength(row) !== 0;
  }

  /** A view that holds until something is added. */
  key(row: Row): Uint8Array {
    const at = this.keyAt(row);
    return this.bytes.subarray(at, at + this.keyLength(row));
  }

  /** A view that holds until something is added. */
  value(row: Row): Uint8Array {
    const at = this.valueAt(row);
    return this.bytes.subarray(at, at + this.valueLength(row));
  }

  /** How a key stands to that of a row: negative when it is before it, 0 when they are equal. */
  compareKey(key: Uint8Array, row: Row): number {
    const { bytes } = this;
    const at = this.keyAt(row);
    const length = this.keyLength(row);
    const common = Math.min(length, key.length);
    for (let i = 0; i < common; i++) {
      const order = (key[i] as number) - (bytes[at + i] as number);
      if (order !== 0) return order;
    }
    return key.length - length;
  }

  /** Whether a leaf has this value. */
  hasValue(row: Row, value: Uint8Array): boolean {
    if (value.length !== this.valueLength(row)) return false;
    const { bytes } = this;
    const at = this.valueAt(row);
    for (let i = 0; i < value.length; i++) if (value[i] !== bytes[at + i]) return false;
    return true;
  }

  setDigest(row: Row, digest: Digest): void {
    const { digests } = this;
    const at = DIGEST_BYTES * row;
    // a loop: a call that copies so few bytes costs more
    for (let i = 0; i < DIGEST_BYTES; i++) digests[at + i] = digest.charCodeAt(i);
  }

  #add(version: number, height: number, size: number): Row {
    const row = this.#free.pop() ?? this.#next();
    const wide = WIDE * row;
    this.#wide[wide + VERSION] = version;
    this.#wide[wide + PLACE] = 0;
    this.#wide[wide + SIZE] = size;
    const narrow = NARROW * row;
    this.#narrow[narrow + HEIGHT] = height;
    this.#narrow[narrow + KEY_LENGTH] = 0;
    this.#narrow[narrow + USED] = 0;
    return row;
  }

  #next(): Row {
    if (WIDE * this.#rows === this.#wide.length) this.#growRows();
    return this.#rows++;
  }

  #growRows(): void {
    const rows = new SharedArrayBuffer(2 * this.#memory.rows.byteLength);
    const wide = new Float64Array(rows);
    wide.set(this.#wide);
    this.#wide = wide;
    this.#narrow = new Int32Array(rows);
    const digests = new SharedArrayBuffer(2 * this.digests.length);
    this.digests.copy(Buffer.from(digests));
    this.digests = Buffer.from(digests);
    this.#memory = { ...this.#memory, rows, digests };
  }

  #shareKey(row: Row, keyOf: Row): void {
    this.#setKey(row, this.keyAt(keyOf), this.keyLength(keyOf));
  }

  #putKey(row: Row, key: Uint8Array): void {
    this.#setKey(row, this.#put(key), key.length);
  }

  #putValue(row: Row, value: Uint8Array): void {
    const narrow = NARROW * row;
    this.#narrow[narrow + VALUE_AT] = this.#put(value);
    this.#narrow[narrow + VALUE_LENGTH] = value.length;
  }

  #setKey(row: Row, at: number, length: number): void {
    const narrow = NARROW * row;
    this.#narrow[narrow + KEY_AT] = at;
    this.#narrow[narrow + KEY_LENGTH] = length;
  }

  #setChildren(row: Row, left: Row, right: Row): void {
    const narrow = NARROW * row;
    this.#narrow[narrow + LEFT] = left;
    this.#narrow[narrow + RIGHT] = right;
  }

  #put(data: Uint8Array): number {
    const at = this.#bytesUsed;
    const end = at + data.length;
    if (end > this.bytes.length) {
      if (end > MAX_ARENA_BYTES)
        throw new PerigeeError('INTERNAL', `a tree of the state has more than ${MAX_ARENA_BYTES} bytes in memory`);
      const larger = new SharedArrayBuffer(Math.min(MAX_ARENA_BYTES, Math.max(2 * this.bytes.length, end)));
      this.bytes.copy(Buffer.from(larger), 0, 0, at);
      this.bytes = Buffer.from(larger);
      this.#memory = { ...this.#memory, bytes: larger };
    }
    // `set` costs more than the few bytes that most keys and values are
    if (data.length > 64) this.bytes.set(data, at);
    else for (let i = 0; i < data.length; i++) this.bytes[at + i] = data[i] as number;
    this.#bytesUsed = end;
    return at;
  }
}

function firstMemory(): TableMemory {
  return {
    rows: new SharedArrayBuffer(8 * WIDE * FIRST_ROWS),
    digests: new SharedArrayBuffer(DIGEST_BYTES * FIRST_ROWS),
    bytes: new SharedArrayBuffer(FIRST_BYTES),
  };
}
