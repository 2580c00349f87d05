/** Which pages can go: those whose last node is held by no state that is kept. */
import { type Infer, PerigeeError } from '@perigee/wire';
import type { Database, Write } from '../db/index.ts';
import type { NodeRef } from './node.ts';
import { LeftRecord, leftKey, nodesOf, type OrphansRecord, PAGE_NODES, pageKey } from './records.ts';

/** How many nodes of which pages of a store a block replaced. */
export type StoreOrphans = Infer<typeof OrphansRecord>['stores'][number];

export function orphansOf(name: string, refs: readonly NodeRef[]): StoreOrphans {
  const counts = new Map<number, number>();
  for (const { place } of refs) count(counts, Math.floor(place / PAGE_NODES), 1);
  return { name, pages: [...counts.keys()], nodes: [...counts.values()] };
}

/** The writes that take replaced nodes of a store from their pages, and delete the pages that have none left. */
export function prunePages(db: Database, store: string, orphans: readonly StoreOrphans[]): Write[] {
  const counts = new Map<number, number>();
  for (const { pages, nodes } of orphans) pages.forEach((page, i) => void count(counts, page, nodes[i] ?? 0));
  return [...counts].flatMap(([page, gone]): Write[] => {
    const known = db.get(leftKey(store, page));
    const left =
      (known === undefined ? nodesOf(db.get(pageKey(store, page)) ?? new Uint8Array(0)) : LeftRecord.decode(known).nodes) - gone;
    if (left < 0) throw new PerigeeError('STORE_CORRUPT', `page ${page} of store "${store}" has lost more nodes than it had`);
    if (left > 0) return [{ key: leftKey(store, page), value: LeftRecord.encode({ nodes: left }) }];
    const remove = { key: pageKey(store, page), value: undefined };
    return known === undefined ? [remove] : [remove, { key: leftKey(store, page), value: undefined }];
  });
}

function count(counts: Map<number, number>, page: number, nodes: number): void {
  counts.set(page, (counts.get(page) ?? 0) + nodes);
}
