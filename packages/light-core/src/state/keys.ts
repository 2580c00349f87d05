/** Stores and keys of the authenticated state. A key is final once a chain uses it. */
import { concat, u8, u64be, utf8 } from '@perigee/wire';

export const STORE = { account: 'account', chain: 'chain', compute: 'compute', da: 'da', kv: 'kv', storage: 'storage' } as const;
export type StoreName = (typeof STORE)[keyof typeof STORE];

/** Every store is born with this key, so that absence is always provable (PROTOCOL §6). */
export const RESERVED_KEY = u8(0);
export const RESERVED_VALUE = utf8('perigee');

/** Store `chain`: genesisHash, 32 bytes. */
export const GENESIS_HASH_KEY = utf8('genesisHash');
/** Store `chain`: canonical `AppState` of genesis. */
export const APP_STATE_KEY = utf8('appState');

const [ACCOUNT_TAG, SLASH] = [0x61, 0x2f];

/** Store `account`: canonical `Account`, under `a/<address>`. */
export function accountKey(address: Uint8Array): Uint8Array {
  // the key that is made most
  const key = new Uint8Array(2 + address.length);
  key[0] = ACCOUNT_TAG;
  key[1] = SLASH;
  key.set(address, 2);
  return key;
}

/** Store `account`: canonical `Sessions` of an account. */
export function sessionsKey(address: Uint8Array): Uint8Array {
  return concat(utf8('k/'), address);
}

/** Store `account`: canonical `StakedValidator` of an account. */
export function stakedValidatorKey(address: Uint8Array): Uint8Array {
  return concat(utf8('v/'), address);
}

/** Store `account`: 20 bytes, the account whose validator has this address in consensus. */
export function validatorOwnerKey(consensusAddress: Uint8Array): Uint8Array {
  return concat(utf8('c/'), consensusAddress);
}

/** Store `account`: 20 bytes, the account whose validator has the committee key with this address. */
export function committeeOwnerKey(committeeAddress: Uint8Array): Uint8Array {
  return concat(utf8('d/'), committeeAddress);
}

/** Store `account`: canonical `ReleaseQueue` of a height. */
export function releaseQueueKey(height: number): Uint8Array {
  return concat(utf8('q/'), u64be(height));
}

/** Store `account`: canonical `ValidatorList`. */
export const VALIDATOR_LIST_KEY = utf8('validators');

/** Store `da`: canonical `BlobRecord`. */
export function blobKey(blobId: Uint8Array): Uint8Array {
  return concat(utf8('blob/'), blobId);
}

/** Store `da`: canonical `BlobList` of a block. @param namespace 1 to 28 bytes; none for the list of all blobs */
export function blobListKey(namespace: Uint8Array, height: number): Uint8Array {
  return concat(utf8('list/'), u8(namespace.length), namespace, u64be(height));
}

/** Store `da`: canonical `LastBlobList` of a namespace, none for all blobs. */
export function lastBlobListKey(namespace: Uint8Array): Uint8Array {
  return concat(utf8('last/'), namespace);
}

/** Store `da`: canonical `Committee` of an epoch, kept until its last blob expires. */
export function committeeKey(epoch: number): Uint8Array {
  return concat(utf8('committee/'), u64be(epoch));
}

/** Store `storage`: canonical `FlowRecord`. */
export const FLOW_KEY = utf8('flow');

/** Store `storage`: canonical `StoredFile` of a submission. */
export function storedFileKey(txSeq: number): Uint8Array {
  return concat(utf8('f/'), u64be(txSeq));
}

/** Store `storage`: u64be, the latest submission with this data root. */
export function fileRootKey(root: Uint8Array): Uint8Array {
  return concat(utf8('r/'), root);
}

/** Store `storage`: u64be, the submission of the file without tags that has this data root and this length. */
export function plainFileKey(root: Uint8Array, length: number): Uint8Array {
  return concat(utf8('p/'), root, u64be(length));
}

/**
 * Epoch of a block: E blocks each, counted from height 1 whatever height the chain began at (PROTOCOL §2), so that it follows from what
 * the state holds.
 */
export function epochOf(height: number, epochBlocks: number): number {
  return Math.floor(Math.max(0, height - 1) / epochBlocks);
}

/** A certificate of the epoch before is the oldest that a block takes, so one of epoch e may come up to the last block of epoch e + 1. */
export function lastHeightOfEpoch(epoch: number, epochBlocks: number): number {
  return (epoch + 1) * epochBlocks;
}
