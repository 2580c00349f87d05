import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { utf8 } from '@perigee/wire';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { Database, type Write } from '../../src/db/index.ts';
import { isLeaf, isRef, type NodeRef } from '../../src/state/node.ts';
import { NodeStore } from '../../src/state/node-store.ts';
import { NodeTable } from '../../src/state/node-table.ts';
import { PageWriter } from '../../src/state/page-writer.ts';
import { PlaceHelper } from '../../src/state/place-helper.ts';
import { placeTree } from '../../src/state/place-tree.ts';
import { SharedSubtrees, subtreesOf } from '../../src/state/shared-subtrees.ts';
import { TreeEdit } from '../../src/state/tree.ts';

const STORE = 'account';

function treeOf(leaves: number) {
  const table = new NodeTable();
  const edit = new TreeEdit(table, () => undefined, undefined, 1);
  for (let i = 0; i < leaves; i++) edit.set(utf8(`key ${String(i).padStart(5, '0')}`), utf8(`value ${i}`));
  return { table, root: edit.root ?? 0, made: edit.made.length };
}

describe('the tree of a large block', () => {
  const placing = new PlaceHelper();
  afterAll(() => placing.close());

  /** What a tree on disk holds, wherever it lies there. */
  async function contentOf(root: NodeRef, pages: readonly Write[]): Promise<string[]> {
    const db = await Database.open(temporaryFolder('placed'), { kind: 'test', version: 1 });
    await db.write(pages);
    const nodes = new NodeStore(db, STORE);
    const content: string[] = [];
    const walk = (ref: NodeRef): void => {
      const node = nodes.read(ref);
      content.push(`${ref.hash} ${Buffer.from(node.key).toString()} ${isLeaf(node) ? Buffer.from(node.value).toString() : ''}`);
      if (!isLeaf(node)) for (const child of [node.left, node.right]) if (isRef(child)) walk(child);
    };
    walk(root);
    await db.close();
    return content;
  }

  it.skipIf(availableParallelism() === 1)('is the same from one thread and from two, and no page is there twice', async () => {
    const { table, root } = treeOf(2_000);
    const writer = new PageWriter(STORE, 1);
    placeTree(table, root, writer);
    const alone = await contentOf(table.refOf(root), writer.flush());
    for (;;) {
      const other = treeOf(2_000);
      const { pages, nextPage } = placing.place(other.table, other.root, { store: STORE, made: 100_000, nextPage: 1 });
      const numbers = pages.map(({ key }) => Buffer.from(key).readUInt32BE(key.length - 4));
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(Math.max(...numbers)).toBeLessThan(nextPage);
      expect(other.table.refOf(other.root).hash).toBe(table.refOf(root).hash);
      // the helper takes a while to start, and what is placed until then is placed without it; its pages have even numbers here
      if (!numbers.some((number) => number % 2 === 0)) {
        await setImmediate();
        continue;
      }
      expect(await contentOf(other.table.refOf(other.root), pages)).toEqual(alone);
      return;
    }
  });

  it('is placed by one thread if it is small, page after page', () => {
    const { table, root, made } = treeOf(300);
    const { pages, nextPage } = placing.place(table, root, { store: STORE, made, nextPage: 9 });
    const numbers = pages.map(({ key }) => Buffer.from(key).readUInt32BE(key.length - 4)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: nextPage - 9 }, (_, i) => 9 + i));
  });
});

describe('shared subtrees', () => {
  it('are taken once each, and not by a helper that comes late', () => {
    const subtrees = SharedSubtrees.of([5, 7, 9]);
    const helper = SharedSubtrees.over(subtrees.memory);
    expect([subtrees.take(), helper.take(), subtrees.take(), helper.take(), subtrees.take()]).toEqual([
      5,
      7,
      9,
      undefined,
      undefined,
    ]);
    expect(subtrees.awaitHelper()).toBe(false);
    expect(helper.join()).toBe(false);
  });

  it('wait for a helper that came in time', () => {
    const subtrees = SharedSubtrees.of([5]);
    const helper = SharedSubtrees.over(subtrees.memory);
    expect(helper.join()).toBe(true);
    helper.done();
    expect(subtrees.awaitHelper()).toBe(true);
  });

  it('are disjoint, and together hold every leaf', () => {
    const { table, root } = treeOf(1_000);
    const rows = subtreesOf(table, root, 16);
    expect(rows.length).toBeGreaterThanOrEqual(16);
    expect(rows.reduce((sum, row) => sum + table.size(row), 0)).toBe(1_000);
    expect(subtreesOf(table, root, 1)).toEqual([root]);
    expect(subtreesOf(treeOf(1).table, 0, 16)).toEqual([0]);
  });
});
