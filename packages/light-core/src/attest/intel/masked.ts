/** Whether bytes are as due in the bits of the mask. */
export function isMasked(bytes: Uint8Array, due: Uint8Array, mask: Uint8Array): boolean {
  return (
    bytes.length === mask.length &&
    bytes.every((byte, i) => (byte & (mask[i] as number)) === ((due[i] as number) & (mask[i] as number)))
  );
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
