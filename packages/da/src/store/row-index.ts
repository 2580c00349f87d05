import type { EntryIndex, IndexFormat } from '@perigee/disk';
import { type Infer, message, proto } from '@perigee/wire';

/** What changes about a holding: everything else is in its file. */
export const IndexEntry = message('IndexEntry', {
  /** Bytes of the file when all rows are in it. */
  bytes: [1, proto.uint53()],
  /** All rows were on disk. */
  sealed: [2, proto.bool()],
  /** Height after which the chain is asked whether rows must still be kept. */
  keepUntil: [3, proto.uint53()],
});
export type IndexEntry = Infer<typeof IndexEntry>;

export const ROW_INDEX: IndexFormat<IndexEntry, never> = { format: 1, what: 'rows', entry: IndexEntry };
export type RowIndex = EntryIndex<IndexEntry>;
