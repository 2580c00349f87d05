import { streamsOfTags } from '@perigee/light-core/kv';
import { STORE, storedFileKey } from '@perigee/light-core/state';
import { fileTreeOf, nobleFileHash } from '@perigee/light-core/storage';
import { kvWriteGas } from '@perigee/light-core/tx';
import { equal, KV_DATA_WITHIN_BLOCKS, type KvApply, PerigeeError, StoredFile } from '@perigee/wire';
import type { StateReader, StateView } from '../../state/index.ts';
import { type KvContext, type KvDone, keptStreams } from './set.ts';
import { decide, readResult } from './view.ts';
import { writeStreams } from './write.ts';

/** Roots of data that was hashed, for as long as the transaction that holds it is remembered: it is looked at in mempool, proposal and block. */
const roots = new WeakMap<Uint8Array, Uint8Array>();

/**
 * Do the write of a submission whose data somebody brings. Its author pays for it.
 *
 * @throws TX_MESSAGE when there is no such submission, it names no stream, it is decided already, its time is over, or the data is not its file
 */
export function applyStreamData(
  view: StateView,
  { txSeq, data }: KvApply,
  { kv, height, gasPrice }: KvContext & { readonly gasPrice: bigint },
): KvDone {
  const { depositPerByte } = keptStreams(kv);
  const file = readFile(view, txSeq);
  const streams = file === undefined ? [] : streamsOfTags(file.tags);
  if (file === undefined || streams.length === 0) throw refused(`submission ${txSeq} is none that writes to streams`);
  const decided = readResult(view, txSeq);
  if (decided !== undefined) throw refused(`submission ${txSeq} is decided already, at height ${decided.height}`);
  if (height > file.height + KV_DATA_WITHIN_BLOCKS) {
    throw refused(`the data of submission ${txSeq} was to come by height ${file.height + KV_DATA_WITHIN_BLOCKS}`);
  }
  if (data.length !== file.length || !equal(rootOf(data), file.root))
    throw refused(`the data is not that of submission ${txSeq}`);
  const { author } = file;
  const fee = BigInt(kvWriteGas(data.length)) * gasPrice;
  const { result, deposit } = writeStreams(view, { txSeq, author, streams, data }, { depositPerByte, fee });
  return { txSeq, result, deposit, event: decide(view, txSeq, { result, height }) };
}

export function readFile(state: StateReader, txSeq: number): StoredFile | undefined {
  const raw = state.get(STORE.storage, storedFileKey(txSeq));
  return raw && StoredFile.decode(raw);
}

function rootOf(data: Uint8Array): Uint8Array {
  let root = roots.get(data);
  if (root === undefined) {
    root = fileTreeOf(data, nobleFileHash).root;
    roots.set(data, root);
  }
  return root;
}

function refused(what: string): PerigeeError {
  return new PerigeeError('TX_MESSAGE', what);
}
