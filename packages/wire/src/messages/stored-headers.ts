import { MAX_CHAIN_ID_BYTES } from '../limits.ts';
import { type Infer, message, string, uint32 } from '../proto/index.ts';

/** What a store of headers says of itself (`light-core/comet/client/kept-headers.ts`). */
export const StoredHeaders = message('StoredHeaders', { version: [1, uint32()], chainId: [2, string(MAX_CHAIN_ID_BYTES)] });
export type StoredHeaders = Infer<typeof StoredHeaders>;
