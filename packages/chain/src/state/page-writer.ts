import { PerigeeError } from '@perigee/wire';
import type { Write } from '../db/index.ts';
import type { TreeNode } from './node.ts';
import { nodeSize, putNode, putVarint, varintSize } from './node-bytes.ts';
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

interface Page {
  readonly page: number;
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
    const size = nodeSize(node);
    const taken = 1 + varintSize(size) + size;
    const page = this.#pageFor(node.height < LOW, taken);
    page.out[page.bytes] = 0x0a;
    const end = putNode(page.out, putVarint(page.out, page.bytes + 1, size), node);
    if (end !== page.bytes + taken) throw new PerigeeError('INTERNAL', `a node takes ${end - page.bytes} bytes, not ${taken}`);
    page.bytes = end;
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
    const page = { page: this.#next, out: Buffer.allocUnsafe(Math.max(PAGE_BYTES, bytes)), bytes: 0, nodes: 0 };
    this.#next += 1;
    if (low) this.#low = page;
    else this.#high = page;
    return page;
  }

  #close({ page, out, bytes }: Page): void {
    this.#writes.push({ key: pageKey(this.#store, page), value: out.subarray(0, bytes) });
  }
}
