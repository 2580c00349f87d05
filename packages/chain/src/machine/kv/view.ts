import { type KvView, resultKey } from '@perigee/light-core/kv';
import { STORE } from '@perigee/light-core/state';
import { KvResult } from '@perigee/wire';
import type { Event } from '../../application/index.ts';
import type { StateReader, StateView } from '../../state/index.ts';

/** Event of a write to streams that was decided; attributes `txSeq` and `result`. */
export const KV_EVENT = 'kv';

/** Store `kv` of a state, as the rules of streams see it. */
export function kvView(view: StateView): KvView {
  return {
    get: (key) => view.get(STORE.kv, key),
    set: (key, value) => view.set(STORE.kv, key, value),
    delete: (key) => view.delete(STORE.kv, key),
  };
}

/** What became of a write; `undefined` while its data may still come. */
export function readResult(state: StateReader, txSeq: number): KvResult | undefined {
  const raw = state.get(STORE.kv, resultKey(txSeq));
  return raw && KvResult.decode(raw);
}

/** A write is decided once. */
export function decide(view: StateView, txSeq: number, { result, height }: KvResult): Event {
  view.write(STORE.kv, resultKey(txSeq), KvResult, { result, height });
  return {
    type: KV_EVENT,
    attributes: [
      { key: 'txSeq', value: String(txSeq), index: true },
      { key: 'result', value: result, index: true },
    ],
  };
}
