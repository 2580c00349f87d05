import { sha256 } from '@noble/hashes/sha2.js';
import { compare, merkleRoot, type PublicKey, SimpleValidator } from '@perigee/wire';

/** Address of an ed25519 validator key (CometBFT): the first 20 bytes of its SHA-256. Accounts have another derivation, `ed25519Address`. */
export function validatorAddress(ed25519Key: Uint8Array): Uint8Array {
  return sha256(ed25519Key).slice(0, 20);
}

/** `validators_hash` of a set that is in CometBFT's order. Addresses and priorities are not part of it. */
export function validatorSetHash(validators: readonly { publicKey: PublicKey; votingPower: bigint }[]): Uint8Array {
  return merkleRoot(validators.map(({ publicKey, votingPower }) => SimpleValidator.encode({ publicKey, votingPower })));
}

/** A copy in CometBFT's order: power falling, then address rising. */
export function sortValidators<V extends { address: Uint8Array; votingPower: bigint }>(validators: readonly V[]): V[] {
  return validators.toSorted((a, b) => {
    if (a.votingPower !== b.votingPower) return a.votingPower > b.votingPower ? -1 : 1;
    return compare(a.address, b.address);
  });
}
