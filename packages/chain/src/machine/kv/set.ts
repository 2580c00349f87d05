import { distinct, reserveStreams } from '@perigee/light-core/kv';
import { type KvParams, type KvSet, PerigeeError } from '@perigee/wire';
import type { Event } from '../../application/index.ts';
import type { StateView } from '../../state/index.ts';
import { readFlow, writeFlow } from '../storage/index.ts';
import { decide, kvView } from './view.ts';
import { writeStreams } from './write.ts';

export interface KvContext {
  readonly kv: KvParams | undefined;
  readonly height: number;
}

export interface KvDone {
  readonly txSeq: number;
  readonly result: string;
  /** What was taken from the author besides fees. */
  readonly deposit: bigint;
  readonly event: Event;
}

/**
 * Write to streams at once, under the next number of a submission. What the rules of streams refuse is a result like any other: the number is
 * taken, and says why.
 *
 * @throws TX_MESSAGE when it names no stream, or one twice, or the chain keeps none
 */
export function setStreams(view: StateView, author: Uint8Array, { streams, data }: KvSet, { kv, height }: KvContext): KvDone {
  const { depositPerByte } = keptStreams(kv);
  if (streams.length === 0 || distinct(streams).length !== streams.length) {
    throw new PerigeeError('TX_MESSAGE', 'a write names the streams that it changes, each once');
  }
  const flow = readFlow(view);
  const txSeq = flow.submissions;
  writeFlow(view, { ...flow, submissions: txSeq + 1 });
  reserveStreams(kvView(view), streams, author, txSeq);
  // the fee of the transaction is that of the write
  const { result, deposit } = writeStreams(view, { txSeq, author, streams, data }, { depositPerByte, fee: 0n });
  return { txSeq, result, deposit, event: decide(view, txSeq, { result, height }) };
}

/** @throws TX_MESSAGE */
export function keptStreams(kv: KvParams | undefined): KvParams {
  if (kv === undefined) throw new PerigeeError('TX_MESSAGE', 'this chain keeps no streams: its genesis has no deposit for them');
  return kv;
}
