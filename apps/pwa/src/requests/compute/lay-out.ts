/** A lazy chunk: what only a page that publishes a receipt needs. */
import { AUDIT_NAMESPACE } from '@perigee/light-core/receipt';
import { DEFAULT_REDUNDANCY, DEFAULT_RETENTION_BLOCKS, fromUtf8 } from '@perigee/wire';
import { type PublishParts, publishFile } from '../publish-file.ts';
import { PUBLISH_LOCK } from '../publish-lock.ts';

/**
 * Publishes a receipt with what opens it, from the account that publishes files.
 *
 * @returns id of the blob, hexadecimal
 * @throws what `publishFile` throws
 */
export async function layOut(
  file: File,
  { node, host, sessions, signal }: Pick<PublishParts, 'node' | 'host' | 'sessions' | 'signal'>,
): Promise<string> {
  const policy = {
    namespace: fromUtf8(AUDIT_NAMESPACE),
    redundancy: DEFAULT_REDUNDANCY,
    retentionBlocks: Math.min(DEFAULT_RETENTION_BLOCKS, node.state.chain?.maxRetentionBlocks ?? DEFAULT_RETENTION_BLOCKS),
    quorum: 0,
    persist: false,
  } as const;
  const parts = { node, host, sessions, signal, file, policy, report: () => {}, onAccount: () => {} };
  return navigator.locks.request(PUBLISH_LOCK, { signal }, async () => (await publishFile(parts)).blobId);
}
