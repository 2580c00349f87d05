import type { Write } from '../db/index.ts';
import type { TreeNode } from './node.ts';
import { maxNodeSize, putNode, putVarint, varintSize } from './node-bytes.ts';
import { PAGE_NODES, pageKeys } from './records.ts';

/** Number of the first page of a store. */
export const FIRST_PAGE = 1;
/** A page with more bytes takes no more nodes: values can be long. */
const PAGE_BYTES = 16 * 1024;
/**
 * Nodes below this height share pages: they live long, while those above are replaced in almost every block. A page stays until all of
 * its nodes are gone.
 */
const LOW = 4;

/** Pages are cut from buffers of up to this size, the first of a block from a small one: many small ones outside of JavaScript's heap make its collector run. */
const SLAB_BYTES = 1024 * 1024;

/** Tag and size before a node's record. */
const FRAME_BYTES = 4;

/** Where a record is put in what is left of a page: behind its tag and the two bytes that almost always say its size. */
export const RECORD_AT = 3;

export interface OpenPage {
  readonly page: number;
  /** Used again when the page is closed. */
  readonly out: Buffer;
  bytes: number;
  nodes: number;
}

/** Puts nodes into pages. */
export class PageWriter {
  readonly #keyOf: (page: number) => Uint8Array;
  readonly #writes: Write[] = [];
  #low: OpenPage | undefined;
  #high: OpenPage | undefined;
  #next: number;
  readonly #step: number;
  readonly #spare: Buffer[] = [];
  #slab = Buffer.alloc(0);
  #slabBytes = 2 * PAGE_BYTES;

  /**
   * @param next number of the first page, `FIRST_PAGE` at least
   * @param step from one number to the next: as many as there are writers that number pages at the same time
   */
  constructor(store: string, next: number, step = 1) {
    this.#keyOf = pageKeys(store);
    this.#next = next;
    this.#step = step;
  }

  /** Number of the next page. */
  get next(): number {
    return this.#next;
  }

  /** @returns the place of the node */
  add(node: TreeNode): number {
    const page = this.begin(node.height, maxNodeSize(node));
    return this.end(page, putNode(page.out, page.bytes + RECORD_AT, node));
  }

  /**
   * A page that takes the next node. Its record goes to `out` at `bytes + RECORD_AT`, and then `end` is called.
   *
   * @param height of the node @param maxSize of its record
   */
  begin(height: number, maxSize: number): OpenPage {
    return this.#pageFor(height < LOW, FRAME_BYTES + maxSize);
  }

  /** @param end of the record in `page` @returns the place of the node */
  end(page: OpenPage, end: number): number {
    const { out, bytes: at } = page;
    const start = at + RECORD_AT;
    const size = end - start;
    out[at] = 0x0a;
    const first = at + 1 + varintSize(size);
    if (first !== start) out.copyWithin(first, start, end);
    putVarint(out, at + 1, size);
    page.bytes = first + size;
    page.nodes += 1;
    return page.page * PAGE_NODES + page.nodes - 1;
  }

  /** @returns all pages since the last call, ready to be written */
  flush(): Write[] {
    if (this.#low !== undefined) this.#close(this.#low);
    if (this.#high !== undefined) this.#close(this.#high);
    this.#low = undefined;
    this.#high = undefined;
    return this.#writes.splice(0);
  }

  #pageFor(low: boolean, bytes: number): OpenPage {
    const open = low ? this.#low : this.#high;
    if (open !== undefined && open.nodes < PAGE_NODES && open.bytes + bytes <= open.out.length) return open;
    if (open !== undefined) this.#close(open);
    const page = { page: this.#next, out: this.#room(bytes), bytes: 0, nodes: 0 };
    this.#next += this.#step;
    if (low) this.#low = page;
    else this.#high = page;
    return page;
  }

  #room(bytes: number): Buffer {
    if (bytes > PAGE_BYTES) return Buffer.allocUnsafeSlow(bytes);
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(PAGE_BYTES);
  }

  #close({ page, out, bytes }: OpenPage): void {
    if (this.#slab.length < bytes) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(this.#slabBytes, bytes));
      this.#slabBytes = Math.min(2 * this.#slabBytes, SLAB_BYTES);
    }
    const value = this.#slab.subarray(0, bytes);
    this.#slab = this.#slab.subarray(bytes);
    value.set(out.subarray(0, bytes));
    if (out.length === PAGE_BYTES) this.#spare.push(out);
    this.#writes.push({ key: this.#keyOf(page), value });
  }
}
