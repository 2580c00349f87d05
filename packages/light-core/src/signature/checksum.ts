import { keccak_256 } from '@noble/hashes/sha3.js';
import { fromHex, PerigeeError, toHex, utf8 } from '@perigee/wire';

/** An Ethereum address as people read it: its letters' case is a checksum (ERC-55). @param address 20 bytes */
export function formatEthereumAddress(address: Uint8Array): string {
  const digits = toHex(address);
  const hash = toHex(keccak_256(utf8(digits)));
  return `0x${[...digits].map((digit, i) => (Number.parseInt(hash[i] ?? '0', 16) >= 8 ? digit.toUpperCase() : digit)).join('')}`;
}

/**
 * Reads an Ethereum address that a person gave.
 *
 * @param text 0x and 40 hexadecimal digits; in mixed case its checksum must hold, in one case it has none
 * @returns 20 bytes
 * @throws INVALID_ARGUMENT that says what is wrong
 */
export function parseEthereumAddress(text: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw new PerigeeError('INVALID_ARGUMENT', 'an address is 0x and 40 hexadecimal digits');
  }
  const address = fromHex(text, 20);
  const digits = text.slice(2);
  const hasChecksum = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  if (hasChecksum && formatEthereumAddress(address) !== text) {
    throw new PerigeeError('INVALID_ARGUMENT', 'a letter of this address is mistyped: its upper and lower case do not fit');
  }
  return address;
}
