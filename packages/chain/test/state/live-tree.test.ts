import { utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { Database } from '../../src/db/index.ts';
import { entryOf, nameOf } from '../../src/state/entry.ts';
import { LiveTree, type Room } from '../../src/state/live-tree.ts';
import type { NodeRef } from '../../src/state/node.ts';
import { NodeStore } from '../../src/state/node-store.ts';
import { placeTree } from '../../src/state/place-tree.ts';
import { newSeed, randomFrom } from './random.ts';

const KEYS = 400;

function keyOf(number: number): Uint8Array {
  return utf8(`key ${String(number).padStart(4, '0')}`);
}

/** A tree on disk, and how many of its nodes were read from there. */
class StoredTree {
  readonly live: LiveTree;
  root: NodeRef | undefined;
  reads = 0;
  readonly #db: Database;
  readonly #nodes: NodeStore;
  #nextPage = 1;
  #version = 0;

  constructor(db: Database, room?: Room) {
    this.#db = db;
    this.#nodes = new NodeStore(db, 'account');
    const read: NodeStore['read'] = (ref) => {
      this.reads += 1;
      return this.#nodes.read(ref);
    };
    this.live = new LiveTree({ read }, room);
  }

  async write(values: ReadonlyMap<number, string | undefined>): Promise<void> {
    const edit = this.live.edit(this.root, ++this.#version);
    const writes = [...values].map(([number, value]) => {
      const key = keyOf(number);
      return { name: nameOf(key), entry: entryOf(key, value === undefined ? undefined : utf8(value)) };
    });
    edit.apply(writes.sort((a, b) => (a.name < b.name ? -1 : 1)));
    if (edit.root === undefined) throw new Error('the tree is empty');
    const pages = this.#nodes.writer(this.#nextPage);
    placeTree(edit.table, edit.root, pages);
    this.root = edit.table.refOf(edit.root);
    this.#nextPage = pages.next;
    await this.#db.write(pages.flush());
    this.live.committed(edit);
  }

  get(number: number): string | undefined {
    const value = this.live.lookup(this.root, keyOf(number));
    return value && Buffer.from(value).toString();
  }
}

async function withTree(test: (tree: StoredTree) => Promise<void>, room?: Room): Promise<void> {
  const db = await Database.open(temporaryFolder('live-tree'), { kind: 'test', version: 1 });
  try {
    await test(new StoredTree(db, room));
  } finally {
    await db.close();
  }
}

const all = new Map(Array.from({ length: KEYS }, (_, i) => [i, `value ${i}`]));

describe('a tree of which not all is in memory', () => {
  it.each([
    ['rows', { rows: 300, bytes: 1 << 20 }],
    ['bytes', { rows: 1 << 20, bytes: 8_000 }],
  ])('is the one that is whole, whatever goes for want of room for %s', async (_, room) => {
    const seed = newSeed();
    const random = randomFrom(seed);
    await withTree((whole) =>
      withTree(async (small) => {
        const naive = new Map<number, string>(all);
        await whole.write(all);
        await small.write(all);
        for (let block = 0; block < 40; block++) {
          const changes = new Map<number, string | undefined>();
          for (let i = 0; i < 10; i++) changes.set(random(KEYS), random(4) === 0 ? undefined : `value ${random(1_000)}`);
          for (const [number, value] of changes) {
            if (value === undefined) naive.delete(number);
            else naive.set(number, value);
          }
          await whole.write(changes);
          await small.write(changes);
          expect(small.root?.hash, `seed ${seed}, block ${block}`).toBe(whole.root?.hash);
          for (let i = 0; i < 20; i++) {
            const number = random(KEYS);
            expect(small.get(number), `seed ${seed}, block ${block}`).toBe(naive.get(number));
          }
        }
        expect(whole.reads).toBe(0);
        expect(small.reads).toBeGreaterThan(100);
      }, room),
    );
  });

  it('keeps what was used lately', () =>
    withTree(
      async (tree) => {
        await tree.write(all);
        for (let i = 0; i < 20; i++) tree.get(i);
        // the table has more rows than there is room for: each look-up has made room, and kept the path of the one before
        const { reads } = tree;
        expect(tree.get(19)).toBe('value 19');
        expect(tree.reads).toBe(reads);
        for (let i = 0; i < KEYS; i++) expect(tree.get(i)).toBe(`value ${i}`);
        expect(tree.reads).toBeGreaterThan(reads);
      },
      { rows: 200, bytes: 1 << 20 },
    ));

  it('makes no room while a block is in the making, and forgets one that is given up', () =>
    withTree(
      async (tree) => {
        await tree.write(all);
        const edit = tree.live.edit(tree.root, 2);
        edit.set(keyOf(7), utf8('given up'));
        expect(tree.get(7)).toBe('value 7');
        expect(tree.get(300)).toBe('value 300');
        await tree.write(new Map([[8, 'kept']]));
        expect([tree.get(7), tree.get(8)]).toEqual(['value 7', 'kept']);
      },
      { rows: 200, bytes: 1 << 20 },
    ));
});
