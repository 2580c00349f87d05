import { concat, PerigeeError, u32le } from '@perigee/wire';

/** A signature, and what it is to be checked with. */
export interface Claim {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const HEAD_BYTES = 4 + 32 + 64;

/** Claims as one buffer that moves to another thread: `u32le message length ‖ key ‖ signature ‖ message`, one after another. */
export function packClaims(claims: readonly Claim[]): Uint8Array<ArrayBuffer> {
  const parts = claims.flatMap(({ publicKey, message, signature }) => [u32le(message.length), publicKey, signature, message]);
  return Uint8Array.from(concat(...parts));
}

/** The claims of `packClaims`, as views. @throws PARSE */
export function unpackClaims(packed: Uint8Array): Claim[] {
  const claims: Claim[] = [];
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  for (let at = 0; at < packed.length; ) {
    const end = at + HEAD_BYTES <= packed.length ? at + HEAD_BYTES + view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (end > packed.length) throw new PerigeeError('PARSE', `signatures to check are cut off at byte ${packed.length}`);
    claims.push({
      publicKey: packed.subarray(at + 4, at + 36),
      signature: packed.subarray(at + 36, at + HEAD_BYTES),
      message: packed.subarray(at + HEAD_BYTES, end),
    });
    at = end;
  }
  return claims;
}
