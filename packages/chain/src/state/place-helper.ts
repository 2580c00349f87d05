/** A thread that helps to hash and place the trees of large blocks. */
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { PerigeeError } from '@perigee/wire';
import { nodeJob } from '@perigee/workers/node';
import type { Write } from '../db/index.ts';
import { NodeTable, type Row, type TableMemory } from './node-table.ts';
import { PageWriter } from './page-writer.ts';
import { placeTree } from './place-tree.ts';
import { SharedSubtrees, subtreesOf } from './shared-subtrees.ts';

/** New nodes from which on a helper is woken: some ten milliseconds of work. */
const MANY_ROWS = 8_192;
/** Parts of the work: neither thread waits long for the other's last. */
const SUBTREES = 64;

interface Help {
  readonly table: TableMemory;
  readonly subtrees: SharedArrayBuffer;
  readonly store: string;
  readonly nextPage: number;
}

/** The pages of a tree, or of a part of it. */
export interface PlacedTree {
  readonly pages: readonly Write[];
  readonly nextPage: number;
}

/** Places trees, the large ones in two threads: the second has nothing else to do while a block's tree is hashed. */
export class PlaceHelper {
  #port: MessagePort | undefined;
  #worker: Worker | undefined;
  /** It died, or there is no core for it. */
  #without = availableParallelism() === 1;

  /**
   * Hashes and places what a block made below `root`, together with the helper where that is much. All of it is there when this returns.
   *
   * @param made how many rows @param nextPage of the state before
   */
  place(table: NodeTable, root: Row, { store, made, nextPage }: { store: string; made: number; nextPage: number }): PlacedTree {
    const port = made < MANY_ROWS ? undefined : this.#helper();
    const writer = new PageWriter(store, nextPage, port === undefined ? 1 : 2);
    let helped: PlacedTree | undefined;
    if (port !== undefined) {
      const subtrees = SharedSubtrees.of(subtreesOf(table, root, SUBTREES));
      const help: Help = { table: table.memory, subtrees: subtrees.memory, store, nextPage: nextPage + 1 };
      port.postMessage(help);
      placeSubtrees(table, subtrees, writer);
      helped = this.#await(subtrees, port);
    }
    placeTree(table, root, writer);
    const pages = writer.flush();
    if (helped === undefined) return { pages, nextPage: writer.next };
    return { pages: [...helped.pages, ...pages], nextPage: Math.max(writer.next, helped.nextPage) };
  }

  async close(): Promise<void> {
    this.#without = true;
    this.#port?.close();
    await this.#worker?.terminate();
  }

  #helper(): MessagePort | undefined {
    if (this.#without) return undefined;
    if (this.#port === undefined) this.#start();
    return this.#port;
  }

  #start(): void {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(nodeJob('place', import.meta.url), { workerData: port2, transferList: [port2] });
    this.#worker.unref();
    this.#worker.on('error', () => {
      this.#without = true;
    });
  }

  /** @throws INTERNAL when the helper died with what it took */
  #await(subtrees: SharedSubtrees, port: MessagePort): PlacedTree | undefined {
    if (!subtrees.awaitHelper()) return undefined;
    const helped = receiveMessageOnPort(port)?.message as PlacedTree | undefined;
    if (helped === undefined) throw new PerigeeError('INTERNAL', 'a thread of the state has placed nodes and lost their pages');
    return helped;
  }
}

/** What the helper's thread does with each message. */
export function helpPlacing(
  { table: memory, subtrees: shared, store, nextPage }: Help,
  answer: (helped: PlacedTree) => void,
): void {
  const subtrees = SharedSubtrees.over(shared);
  if (!subtrees.join()) return;
  const writer = new PageWriter(store, nextPage, 2);
  placeSubtrees(new NodeTable(memory), subtrees, writer);
  answer({ pages: writer.flush(), nextPage: writer.next });
  subtrees.done();
}

function placeSubtrees(table: NodeTable, subtrees: SharedSubtrees, writer: PageWriter): void {
  for (let row = subtrees.take(); row !== undefined; row = subtrees.take()) placeTree(table, row, writer);
}
