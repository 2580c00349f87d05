import { deletedKey, entryKey, rangeOfScan, resultKey } from '@perigee/light-core/kv';
import type { StateReads } from '@perigee/light-core/roles';
import { FLOW_KEY, STORE } from '@perigee/light-core/state';
import { FlowRecord, KvEntry, KvResult, type KvScan, MAX_KV_HISTORY_STEPS, PerigeeError } from '@perigee/wire';
import { invalidParam } from '../rpc-error.ts';

/** A key of a stream with what it has; a deleted one has an empty value. */
export interface HistoricValue {
  readonly version: number;
  readonly value: Uint8Array;
}

/** A version that a client may name: the txSeq up to which writes count; `undefined` for all. */
export type Version = number | undefined;

/** Streams as they were up to a version: found by the heights at which writes were decided, within the heights that are kept. */
export class StreamHistory {
  readonly #state: StateReads;

  constructor(state: StateReads) {
    this.#state = state;
  }

  /** The last write of a key whose number is not above `version`. @throws RpcError when it lies before what is kept */
  value(stream: Uint8Array, key: Uint8Array, version: Version): HistoricValue | undefined {
    let height = this.#state.latest();
    for (let steps = 0; steps < MAX_KV_HISTORY_STEPS; steps++) {
      const found = this.#valueAt(stream, key, height);
      if (found === undefined || version === undefined || found.version <= version) return found;
      const decided = this.#resultOf(found.version);
      if (decided === undefined) throw new PerigeeError('INTERNAL', `the state has no result of write ${found.version}`);
      // as it was before that write
      height = decided.height - 1;
      if (height < 1) return undefined;
    }
    throw tooOld();
  }

  /** Entries of a range, without those that are newer. */
  entries(stream: Uint8Array, scan: KvScan, version: Version): { readonly key: Uint8Array; readonly entry: KvEntry }[] {
    const range = rangeOfScan(stream, scan);
    const height = this.heightOf(version);
    if (height === 0) return [];
    const prefix = range.lower.key.length - (scan.lower?.key.length ?? 0);
    return kept(() => this.#state.rangeAt(STORE.kv, range, height))
      .map(({ key, value }) => ({ key: key.slice(prefix), entry: KvEntry.decode(value) }))
      .filter(({ entry }) => version === undefined || entry.version <= version);
  }

  /**
   * The state in which the writes up to a version are done, and no later one; 0 where that is before all blocks. Where data came out of order, the
   * state before the first later write.
   *
   * @throws RpcError when it lies before what is kept
   */
  heightOf(version: Version): number {
    const latest = this.#state.latest();
    const submissions = this.submissions();
    if (version === undefined || version >= submissions - 1) return latest;
    for (let txSeq = version + 1; txSeq < submissions; txSeq++) {
      if (txSeq > version + MAX_KV_HISTORY_STEPS) throw tooOld();
      const decided = this.#resultOf(txSeq);
      if (decided !== undefined) return decided.height - 1;
    }
    return latest;
  }

  /** How many there are: the next txSeq. */
  submissions(): number {
    const raw = this.#state.valueAt(STORE.storage, FLOW_KEY);
    return raw === undefined ? 0 : FlowRecord.decode(raw).submissions;
  }

  #valueAt(stream: Uint8Array, key: Uint8Array, height: number): HistoricValue | undefined {
    const raw = kept(() => this.#state.valueAt(STORE.kv, entryKey(stream, key), height));
    if (raw !== undefined) return KvEntry.decode(raw);
    const deleted = this.#state.valueAt(STORE.kv, deletedKey(stream, key), height);
    if (deleted === undefined) return undefined;
    return { version: Number(new DataView(deleted.buffer, deleted.byteOffset, 8).getBigUint64(0)), value: new Uint8Array(0) };
  }

  #resultOf(txSeq: number): KvResult | undefined {
    const raw = this.#state.valueAt(STORE.kv, resultKey(txSeq));
    return raw && KvResult.decode(raw);
  }
}

/** What is no longer kept is the fault of who asks for it. @throws RpcError */
function kept<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PerigeeError && error.code === 'PRUNED') throw tooOld();
    throw error;
  }
}

function tooOld(): Error {
  return invalidParam('version', 'what was written up to this version is no longer kept here');
}
