/** What peers say that they store. */
import { PerigeeError, type Status, type StorageOffer } from '@perigee/wire';
import { checkShard } from './shards.ts';

/** An address of HTTP, with nothing in it that could end a word, a header or a link. */
const HTTP_URL = /^https?:\/\/[A-Za-z0-9.:[\]/_~-]+$/;

/**
 * @param text address of an HTTP interface
 * @returns it
 * @throws INVALID_ARGUMENT unless it is an address of HTTP or HTTPS, without a query
 */
export function checkStorageUrl(text: string): string {
  if (HTTP_URL.test(text)) return text;
  throw new PerigeeError('INVALID_ARGUMENT', `"${text.slice(0, 80)}" is no address such as http://192.0.2.7:5678/`);
}

/** What a peer stores by its own word; `undefined` when it stores nothing, or names a shard that there is not. An address that is none is left out. */
export function storageOfferOf({ roles, storage }: Pick<Status, 'roles' | 'storage'>): StorageOffer | undefined {
  if (storage === undefined || !roles.includes('storage')) return undefined;
  const { shardId, numShard, url } = storage;
  try {
    checkShard(storage);
  } catch {
    return undefined;
  }
  return { shardId, numShard, ...(url !== undefined && HTTP_URL.test(url) ? { url } : {}) };
}
