import type { ChainView } from '@perigee/light-core/da';
import type { VerifiedState } from '@perigee/light-core/roles';
import { type BlobRecord, CERTIFY_WITHIN_BLOCKS, PerigeeError, type PromiseBody, toHex } from '@perigee/wire';

/**
 * Waits for the head whose state holds the record.
 *
 * @param included height of the block that holds the certificate, as somebody says
 * @throws TIMEOUT, ABORTED
 */
export async function untilRecorded(
  chain: ChainView,
  state: VerifiedState,
  { blobId, expiryHeight }: PromiseBody,
  included: number,
  signal: AbortSignal | undefined,
): Promise<BlobRecord> {
  const last = Math.max(included, chain.head().height) + CERTIFY_WITHIN_BLOCKS;
  for (;;) {
    const { height } = chain.head();
    const record = await chain.record(blobId, signal);
    // another publisher's certificate of the same blob, for longer, is as good
    if (record !== undefined && record.expiryHeight >= expiryHeight) return record;
    if (height > last) throw new PerigeeError('TIMEOUT', `no record of blob ${toHex(blobId)} up to height ${height}`);
    await nextHead(state, height, signal);
  }
}

function nextHead(state: VerifiedState, after: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      unsubscribe();
      signal?.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = (): void => settle(() => reject(PerigeeError.from(signal?.reason)));
    const unsubscribe = state.onHead(({ height }) => {
      if (height > after) settle(resolve);
    });
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    else if ((state.head()?.height ?? 0) > after) settle(resolve);
  });
}
