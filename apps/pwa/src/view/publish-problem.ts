import { MAX_BLOB_BYTES, MAX_BLOB_BYTES_8X, utf8 } from '@perigee/wire';
import { count } from '../format.ts';
import type { PublishPolicy } from '../model/index.ts';
import { publish } from '../strings/below/index.ts';

const MAX_NAMESPACE_BYTES = 28;

/**
 * Why this cannot be published, in words, before anything of it is read.
 *
 * @param bytes size of the file
 * @param maxRetentionBlocks of the chain; `undefined` until it is proved
 */
export function publishProblem(
  bytes: number,
  { namespace, redundancy, retentionBlocks }: PublishPolicy,
  maxRetentionBlocks: number | undefined,
): string | undefined {
  const words = publish.problem;
  const limit = redundancy === 8 ? MAX_BLOB_BYTES_8X : MAX_BLOB_BYTES;
  if (bytes === 0) return words.empty;
  if (bytes > limit) return words.tooLarge(count(limit));
  const namespaceBytes = utf8(namespace).length;
  if (namespaceBytes < 1 || namespaceBytes > MAX_NAMESPACE_BYTES) return words.namespace;
  if (!Number.isSafeInteger(retentionBlocks) || retentionBlocks < 1) return words.retention;
  if (retentionBlocks > (maxRetentionBlocks ?? retentionBlocks)) return words.tooLong(count(maxRetentionBlocks ?? 0));
  return undefined;
}
