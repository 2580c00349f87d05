import { MAX_CODEC_MEMORY_BYTES, PerigeeError } from '@perigee/wire';
import { Arena } from './arena.ts';
import { guarded } from './guard.ts';
import { type HashChoice, MEASURED_ROWS } from './hash-choice.ts';
import { Locators } from './locator.ts';
import type { Sha256 } from './types.ts';

/** What the C exports: addresses and counts in, which `guard.ts` checks. `docs/codec.md` names the source file of each. */
export interface KernelExports {
  readonly __heap_base: WebAssembly.Global<'i32'>;
  readonly __stack_pointer: WebAssembly.Global<'i32'>;
  field_bytes(): number;
  field_log_offset(): number;
  field_init(field: number): void;
  encode_work_bytes(k: number, n: number, high: number, width: number): number;
  encode(
    field: number,
    original: number,
    parity: number,
    work: number,
    k: number,
    n: number,
    high: number,
    rowSize: number,
    width: number,
    from: number,
    to: number,
  ): void;
  encode_combinations(field: number, original: number, parity: number, work: number, k: number, n: number): void;
  decode_locator(field: number, values: number, work: number, positions: number): void;
  decode(
    field: number,
    rows: number,
    locator: number,
    present: number,
    missing: number,
    factors: number,
    out: number,
    work: number,
    positions: number,
    wanted: number,
    base: number,
    first: number,
    k: number,
    rowSize: number,
    width: number,
    from: number,
    to: number,
  ): void;
  decode_few(
    field: number,
    rows: number,
    locator: number,
    missing: number,
    count: number,
    out: number,
    work: number,
    positions: number,
    first: number,
    rowSize: number,
    width: number,
    from: number,
    to: number,
  ): void;
  rlc_coefficients(field: number, seed: number, count: number, out: number): void;
  rlc_tables(coefficients: number, count: number, tables: number): void;
  rlc_check(
    field: number,
    tables: number,
    extended: number,
    rows: number,
    count: number,
    rowSize: number,
    indices: number,
    verdicts: number,
  ): void;
  rlc_work_bytes(count: number): number;
  rlc_rows(field: number, coefficients: number, rows: number, count: number, rowSize: number, work: number, out: number): void;
  rlc_leaves(combinations: number, count: number, out: number): void;
  merkle_leaves(rows: number, count: number, length: number, out: number): void;
  merkle_tree(nodes: number, leaves: number): void;
  merkle_check(
    hashes: number,
    indices: number,
    paths: number,
    count: number,
    levels: number,
    root: number,
    work: number,
    verdicts: number,
  ): void;
  sha256(data: number, length: number, out: number): void;
  keccak256(data: number, length: number, out: number): void;
  file_tree(data: number, withData: number, chunks: number, levels: number): void;
}

/** Bytes from which a row alone is hashed by the host: it has no other rows beside it for the lanes of the kernel. */
const ALONE_BYTES = 256;

/** Pages of 64 KiB that every build needs for its stack and constants. */
export const INITIAL_PAGES = 8;

/** One instance of the C code with its memory and, once they are needed, its field tables. */
export class Kernel {
  readonly call: KernelExports;
  readonly arena: Arena;
  readonly locators = new Locators(this);
  /** The host's SHA-256, where it brought a faster one. */
  readonly hostSha256: Sha256 | undefined;
  /** Whether it is faster for rows; it is taken to be where nothing can measure. */
  readonly hashChoice: HashChoice | undefined;
  readonly #memory: WebAssembly.Memory;
  #bytes: Uint8Array<ArrayBuffer>;
  /** [from, to) of the field tables; empty before their first use. */
  #tables: readonly [from: number, to: number] = [0, 0];

  /** @param space addresses that it may use and the top of its stack, where others use the same memory; by default all from the end of its constants */
  constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    hostSha256: Sha256 | undefined,
    hashChoice?: HashChoice,
    space?: { readonly base: number; readonly limit: number; readonly stackTop: number },
  ) {
    this.#memory = memory;
    this.hostSha256 = hostSha256;
    this.hashChoice = hashChoice;
    // the module's import of this memory and the list above are both fixed by rust-free-wasm
    const raw = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
    const base = raw.__heap_base.value;
    if (space !== undefined) raw.__stack_pointer.value = space.stackTop;
    this.arena = new Arena(memory, space?.base ?? base, space?.limit ?? MAX_CODEC_MEMORY_BYTES);
    this.call = guarded(raw, memory, () => ({ base, end: memory.buffer.byteLength, field: this.#tables }));
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** Address of the field tables, which are made at the first use: hashing files needs none. */
  get field(): number {
    if (this.#tables[0] === 0) {
      const size = this.call.field_bytes();
      const at = this.arena.allocate(size);
      this.#tables = [at, at + size];
      this.call.field_init(at);
    }
    return this.#tables[0];
  }

  /** All of the memory. Growing detaches it: take it anew after each allocation. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = new Uint8Array(this.#memory.buffer);
    return this.#bytes;
  }

  write(address: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, address);
  }

  /** A copy. */
  read(address: number, length: number): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(address, address + length);
  }

  /** A copy in `into`, or in a new array. */
  readInto(address: number, length: number, into: Uint8Array | undefined): Uint8Array {
    if (into === undefined) return this.read(address, length);
    into.set(this.bytes.subarray(address, address + length));
    return into;
  }

  /** Run with memory that is given back at the end, whatever happens. */
  scratch<T>(run: (allocate: (bytes: number) => number) => T): T {
    const blocks: number[] = [];
    try {
      return run((bytes) => {
        const address = this.arena.allocate(bytes);
        blocks.push(address);
        return address;
      });
    } finally {
      for (const block of blocks) this.arena.free(block);
    }
  }

  /** SHA-256 of `data`, by the host where it can. */
  sha256(data: Uint8Array): Uint8Array {
    if (this.hostSha256 !== undefined) return hashOf(this.hostSha256, data);
    return this.scratch((allocate) => {
      const at = allocate(data.length);
      this.write(at, data);
      return this.sha256At(at, data.length);
    });
  }

  /** SHA-256 of bytes that lie in kernel memory, 32 bytes. */
  sha256At(address: number, length: number): Uint8Array {
    if (this.hostSha256 !== undefined) return hashOf(this.hostSha256, this.bytes.subarray(address, address + length));
    return this.scratch((allocate) => {
      const out = allocate(32);
      this.call.sha256(address, length, out);
      return this.read(out, 32);
    });
  }

  /** Leaf hashes H(00 ‖ row) of `count` rows at `rows` to `out`, both in kernel memory, by what is faster. */
  leafHashes(rows: number, count: number, rowSize: number, out: number): void {
    if (this.hostSha256 === undefined || !this.#hostIsFaster(rowSize, count)) this.call.merkle_leaves(rows, count, rowSize, out);
    else this.#hostLeafHashes(this.hostSha256, rows, count, rowSize, out);
  }

  #hostLeafHashes(sha256: Sha256, rows: number, count: number, rowSize: number, out: number): void {
    const message = new Uint8Array(64 + rowSize).subarray(63); // a copy to an odd address takes as long as half of the hash
    for (let i = 0; i < count; i++) {
      message.set(this.bytes.subarray(rows + i * rowSize, rows + (i + 1) * rowSize), 1);
      this.write(out + 32 * i, hashOf(sha256, message));
    }
  }

  #hostIsFaster(rowSize: number, count: number): boolean {
    const { hostSha256, hashChoice } = this;
    if (hostSha256 === undefined || hashChoice === undefined) return true;
    if (count < 2) return rowSize >= ALONE_BYTES;
    return this.scratch((allocate) => {
      const rows = allocate(MEASURED_ROWS * rowSize);
      const out = allocate(32 * MEASURED_ROWS);
      const host = () => this.#hostLeafHashes(hostSha256, rows, MEASURED_ROWS, rowSize, out);
      return hashChoice.hostIsFaster(rowSize, host, () => this.call.merkle_leaves(rows, MEASURED_ROWS, rowSize, out));
    });
  }
}

function hashOf(sha256: Sha256, data: Uint8Array): Uint8Array {
  const hash = sha256(data);
  if (hash.length !== 32)
    throw new PerigeeError('INVALID_ARGUMENT', `the given sha256 returned ${hash.length} bytes instead of 32`);
  return hash;
}
