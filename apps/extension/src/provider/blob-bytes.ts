import type { BlobSink, LightNode } from '@perigee/sampler';
import { PerigeeError, toBase64 } from '@perigee/wire';
import { CODE, ProviderFailure } from '../failure.ts';

/** A blob whose every byte was verified. */
export async function blobBytes(node: LightNode, blobId: string, maxBytes: number, signal: AbortSignal) {
  await requireShort(node, blobId, maxBytes, signal);
  const pieces: Uint8Array[] = [];
  let length = 0;
  const sink: BlobSink = {
    async write(bytes) {
      length += bytes.length;
      if (length > maxBytes) throw tooLong(blobId, length, maxBytes);
      pieces.push(bytes);
    },
    async close() {},
    async abort() {
      pieces.length = 0;
    },
  };
  const { sha256, rows } = await node.retrieve(blobId, { sink, signal });
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return { blobId, length, sha256, rows, data: toBase64(whole) };
}

/** A few rows show the length, and that the rest can be had, before it is fetched. One that has expired may still be stored as a file. */
async function requireShort(node: LightNode, blobId: string, maxBytes: number, signal: AbortSignal): Promise<void> {
  try {
    const { record } = await node.sample(blobId, { signal, budget: 'light' });
    if (record !== undefined && record.length > maxBytes) throw tooLong(blobId, record.length, maxBytes);
  } catch (thrown) {
    if (PerigeeError.from(thrown).code !== 'BLOB_EXPIRED' || thrown instanceof ProviderFailure) throw thrown;
  }
}

function tooLong(blobId: string, length: number, maxBytes: number): ProviderFailure {
  return new ProviderFailure(
    CODE.limitExceeded,
    `blob ${blobId} has ${length} bytes, and at most ${maxBytes} are given to a site`,
  );
}
