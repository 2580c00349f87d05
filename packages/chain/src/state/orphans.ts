/** Which pages can go: those whose last node is held by no state that is kept. */
import { type Infer, PerigeeError } from '@perigee/wire';
import type { Database, Write } from '../db/index.ts';
import { LeftRecord, leftKey, nodesOf, type OrphansRecord, PAGE_NODES, pageKey } from './records.ts';

/** How many nodes of which pages of a store a block replaced. */
export type StoreOrphans = Infer<typeof OrphansRecord>['stores'][number];

/** @param places of the nodes */
export function orphansOf(name: string, places: readonly number[]): StoreOrphans {
  const counts = new Map<number, number>();
  let page = 0;
  let nodes = 0;
  for (const place of places) {
    const next = Math.floor(place / PAGE_NODES);
    // a page in a row, as most are: those of one path were made together
    if (next === page) nodes += 1;
    else {
      if (nodes > 0) count(counts, page, nodes);
      page = next;
      nodes = 1;
    }
  }
  if (nodes > 0) count(counts, page, nodes);
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
