import { KV_RESULT, KV_STATE_KEY, reserveStreams, streamsOfTags } from '@perigee/light-core/kv';
import { STORE } from '@perigee/light-core/state';
import { KV_DATA_WITHIN_BLOCKS, KvState, MAX_KV_DATA_BYTES, MAX_KV_DUE_PER_BLOCK } from '@perigee/wire';
import type { Event } from '../../application/index.ts';
import type { StateView } from '../../state/index.ts';
import { readFlow } from '../storage/index.ts';
import { readFile } from './apply.ts';
import { decide, kvView, readResult } from './view.ts';

/**
 * What a submission that names streams does before its data comes: it makes its author the admin of new ones. Data that no block can take is
 * decided at once.
 */
export function noteSubmission(
  view: StateView,
  author: Uint8Array,
  {
    txSeq,
    tags,
    length,
    height,
  }: { readonly txSeq: number; readonly tags: Uint8Array; readonly length: number; readonly height: number },
): readonly Event[] {
  const streams = streamsOfTags(tags);
  reserveStreams(kvView(view), streams, author, txSeq);
  if (streams.length === 0 || length <= MAX_KV_DATA_BYTES) return [];
  return [decide(view, txSeq, { result: KV_RESULT.tooLarge, height })];
}

/**
 * Decide the writes whose data did not come in time, in the order of their submissions. Each submission is looked at once, so many of one block
 * may be decided some blocks late; their data is refused from the first of them on.
 */
export function decideOverdue(view: StateView, height: number): readonly Event[] {
  const { submissions } = readFlow(view);
  const first = view.read(STORE.kv, KV_STATE_KEY, KvState)?.nextDue ?? 0;
  const events: Event[] = [];
  let next = first;
  for (; next < submissions && next < first + MAX_KV_DUE_PER_BLOCK; next++) {
    // a number without a file wrote at once
    const file = readFile(view, next);
    if (file === undefined) continue;
    if (height <= file.height + KV_DATA_WITHIN_BLOCKS) break;
    if (streamsOfTags(file.tags).length === 0 || readResult(view, next) !== undefined) continue;
    events.push(decide(view, next, { result: KV_RESULT.dataUnavailable, height }));
  }
  if (next !== first) view.write(STORE.kv, KV_STATE_KEY, KvState, { nextDue: next });
  return events;
}
