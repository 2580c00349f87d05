import { RETRIEVED_CHUNK_BYTES } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { BlobSink } from '../requests.ts';
import type { Retriever } from './retriever.ts';

/** Data that is whole in a worker goes to a sink, piece after piece; the next one is read while the sink takes the one before. */
export async function writeOut(
  worker: Pool<Retriever>,
  length: number,
  { sink, signal, onPiece }: { readonly sink: BlobSink; readonly signal: AbortSignal; readonly onPiece: () => void },
): Promise<void> {
  const read = (from: number): Promise<Uint8Array> | undefined => {
    if (from >= length) return undefined;
    const to = Math.min(from + RETRIEVED_CHUNK_BYTES, length);
    const piece = worker.run('read', { from, to }, { signal });
    piece.catch(() => {}); // awaited below, unless the sink fails first
    return piece;
  };
  let piece = read(0);
  for (let at = 0; piece !== undefined; ) {
    const bytes = await piece;
    at += bytes.length;
    piece = read(at);
    onPiece();
    await sink.write(bytes);
  }
}
