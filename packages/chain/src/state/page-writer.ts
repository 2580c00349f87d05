import type { Write } from '../db/index.ts';
import type { TreeNode } from './node.ts';
import { maxNodeSize, putNode, putVarint, varintSize } from './node-bytes.ts';
import { PAGE_NODES, pageKey } from './records.ts';

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

interface Page {
  readonly page: number;
  /** Used again when the page is closed. */
  readonly out: Buffer;
  bytes: number;
  nodes: number;
}

/** Puts nodes into pages. */
export class PageWriter {
  readonly #store: string;
  readonly #writes: Write[] = [];
  #low: Page | undefined;
  #high: Page | undefined;
  #next: number;
  readonly #spare: Buffer[] = [];
  #slab = Buffer.alloc(0);
  #slabBytes = 2 * PAGE_BYTES;

  /** @param next number of the first page, `FIRST_PAGE` at least */
  constructor(store: string, next: number) {
    this.#store = store;
    this.#next = next;
  }

  /** Number of the next page. */
  get next(): number {
    return this.#next;
  }

  /** @returns the place of the node */
  add(node: TreeNode): number {
    const page = this.#pageFor(node.height < LOW, FRAME_BYTES + maxNodeSize(node));
    const { out, bytes: at } = page;
    // where it is if two bytes say its size, which almost always do
    const start = at + 3;
    const end = putNode(out, start, node);
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

  #pageFor(low: boolean, bytes: number): Page {
    const open = low ? this.#low : this.#high;
    if (open !== undefined && open.nodes < PAGE_NODES && open.bytes + bytes <= open.out.length) return open;
    if (open !== undefined) this.#close(open);
    const page = { page: this.#next, out: this.#room(bytes), bytes: 0, nodes: 0 };
    this.#next += 1;
    if (low) this.#low = page;
    else this.#high = page;
    return page;
  }

  #room(bytes: number): Buffer {
    if (bytes > PAGE_BYTES) return Buffer.allocUnsafeSlow(bytes);
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(PAGE_BYTES);
  }

  #close({ page, out, bytes }: Page): void {
    if (this.#slab.length < bytes) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(this.#slabBytes, bytes));
      this.#slabBytes = Math.min(2 * this.#slabBytes, SLAB_BYTES);
    }
    const value = this.#slab.subarray(0, bytes);
    this.#slab = this.#slab.subarray(bytes);
    value.set(out.subarray(0, bytes));
    if (out.length === PAGE_BYTES) this.#spare.push(out);
    this.#writes.push({ key: pageKey(this.#store, page), value });
  }
}
