/** How holders of stored files are found: what a node signs that has one, and how it is asked for (docs/storage.md, "Finding holders"). */
import { toHex } from '../bytes.ts';
import { MAX_ADDRESS_BYTES, MAX_PEER_ADDRESSES } from '../limits.ts';
import { MAX_PROVIDERS_PER_FILE } from '../limits-providers.ts';
import { MAX_FILE_SHARDS, MAX_STORAGE_URL_BYTES } from '../limits-storage.ts';
import { bool, embedded, fixedBytes, type Infer, message, optional, repeated, string, uint32, uint53 } from '../proto/index.ts';

/**
 * That a node has all of a file that is of its shard: signed with the key that is its peer id, over
 * `'perigee/storage/provider/v0' ‖ canonical ProviderBody`. Multiaddrs as text, with certhash and without peer id.
 */
export const ProviderBody = message('ProviderBody', {
  /** PROVIDER_VERSION. */
  version: [1, uint32()],
  genesisHash: [2, fixedBytes(32)],
  /** Data root of the file. */
  root: [3, fixedBytes(32)],
  /** Ed25519 key of the node. */
  key: [4, fixedBytes(32)],
  /** Of each numShard segments of the flow the one numbered shardId. */
  shardId: [5, uint32(MAX_FILE_SHARDS - 1)],
  numShard: [6, uint32(MAX_FILE_SHARDS)],
  multiaddrs: [7, repeated(string(MAX_ADDRESS_BYTES), MAX_PEER_ADDRESSES)],
  /** Where its HTTP interface is, for clients that speak no libp2p. */
  url: [8, optional(string(MAX_STORAGE_URL_BYTES))],
  /** Milliseconds since 1970 after which the record is void. Of two the later is the newer. */
  expiry: [9, uint53()],
});
export type ProviderBody = Infer<typeof ProviderBody>;

export const ProviderRecord = message('ProviderRecord', {
  body: [1, embedded(ProviderBody)],
  signature: [2, fixedBytes(64)],
});
export type ProviderRecord = Infer<typeof ProviderRecord>;

const multiaddrs = repeated(string(MAX_ADDRESS_BYTES), MAX_PEER_ADDRESSES);

/** Exactly one of `hello`, `announce` and `find` is set. */
export const ProvidersRequest = message('ProvidersRequest', {
  /** Who asks answers questions of Kademlia too, at these addresses. */
  hello: [1, optional(embedded(message('ProvidersHello', { multiaddrs: [1, multiaddrs] })))],
  /** A record of who asks. */
  announce: [2, optional(embedded(ProviderRecord))],
  /** Data root of a file. */
  find: [3, optional(fixedBytes(32))],
  /** Beside what the node was told itself it asks others, and answers with those who proved to it that they hold the file. */
  search: [4, bool()],
});
export type ProvidersRequest = Infer<typeof ProvidersRequest>;

export const ProvidersAnswer = message('ProvidersAnswer', {
  /** To `find`. A hint: whoever lists a node checks its record, and puts it to the proof. */
  records: [1, repeated(embedded(ProviderRecord), MAX_PROVIDERS_PER_FILE)],
  /** To `hello`: where the node that answers can be reached. */
  multiaddrs: [2, multiaddrs],
});
export type ProvidersAnswer = Infer<typeof ProvidersAnswer>;

/** Protocols that only nodes of one chain speak with each other. */
export function chainProtocol(name: 'providers' | 'kad' | 'pages' | 'page', genesisHash: Uint8Array): string {
  return `/perigee/${toHex(genesisHash.subarray(0, 8))}/${name}/1`;
}
