/** Identifiers: how each is derived, in one place. */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, toHex, u8, utf8 } from './bytes.ts';
import { PerigeeError } from './error.ts';
import { BLOB_VERSION, MAX_CHAIN_ID_BYTES } from './limits.ts';
import { Committee, InitChain } from './messages/genesis.ts';

const ED25519_ADDRESS = utf8('perigee/addr/ed25519/v0');

/** Account address of an ed25519 key (PROTOCOL §7), 20 bytes. */
export function ed25519Address(publicKey: Uint8Array): Uint8Array {
  return sha256(concat(ED25519_ADDRESS, publicKey)).slice(0, 20);
}

/** Blob id of an rsema1d commitment (PROTOCOL §1), 33 bytes. */
export function blobIdOf(commitment: Uint8Array): Uint8Array {
  return concat(u8(BLOB_VERSION), commitment);
}

/** @throws BLOB_VERSION when the id is of another version or length */
export function commitmentOf(blobId: Uint8Array): Uint8Array {
  if (blobId.length !== 33 || blobId[0] !== BLOB_VERSION) {
    throw new PerigeeError('BLOB_VERSION', `blob id ${toHex(blobId).slice(0, 80)} is not version ${BLOB_VERSION} and 32 bytes`);
  }
  return blobId.slice(1);
}

/** genesisHash (PROTOCOL §5), 32 bytes. */
export function genesisHashOf(genesis: InitChain): Uint8Array {
  return sha256(InitChain.encode({ ...genesis, chainId: '' }));
}

/** `<name>-<first 8 hex of genesisHash>`. */
export function chainIdOf(name: string, genesisHash: Uint8Array): string {
  const id = `${name}-${toHex(genesisHash.subarray(0, 4))}`;
  if (!/^[a-z][a-z0-9-]*$/.test(name) || id.length > MAX_CHAIN_ID_BYTES) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `"${name}" cannot name a chain: use lower-case letters, digits and hyphens, at most ${MAX_CHAIN_ID_BYTES - 9}`,
    );
  }
  return id;
}

/** committeeHash (PROTOCOL §2), 32 bytes. The list must already be canonical. */
export function committeeHashOf(committee: Committee): Uint8Array {
  return sha256(Committee.encode(committee));
}

/** Id of a transaction (PROTOCOL §7), 32 bytes. */
export function txIdOf(raw: Uint8Array): Uint8Array {
  return sha256(raw);
}
