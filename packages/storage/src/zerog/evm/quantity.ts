/** Numbers and bytes as Ethereum's JSON-RPC has them. */
import { fromHex, toHex } from '@perigee/wire';
import { invalidParams } from './rpc-error.ts';

export type Hex = `0x${string}`;

/** Without leading zeros. */
export function quantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}

export function hex(bytes: Uint8Array): Hex {
  return `0x${toHex(bytes)}`;
}

/** @throws RpcError */
export function readQuantity(value: unknown, name: string, bits = 256): bigint {
  if (typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value)) {
    const number = BigInt(value);
    if (number < 1n << BigInt(bits)) return number;
  }
  throw invalidParams(`${name} is not a number of at most ${bits} bits in hexadecimal`);
}

/** A number that counts something: within what a double holds. @throws RpcError */
export function readCount(value: unknown, name: string): number {
  return Number(readQuantity(value, name, 53));
}

/** @param length of bytes, where one is due @throws RpcError */
export function readBytes(value: unknown, name: string, { length, max }: { length?: number; max?: number }): Uint8Array {
  const most = length ?? max ?? 0;
  if (typeof value !== 'string' || !value.startsWith('0x') || value.length > 2 + 2 * most) {
    throw invalidParams(`${name} is not ${length === undefined ? `at most ${most}` : most} bytes in hexadecimal with 0x`);
  }
  try {
    return fromHex(value, length);
  } catch {
    throw invalidParams(`${name} is not ${length === undefined ? 'bytes' : `${length} bytes`} in hexadecimal`);
  }
}

export function readAddress(value: unknown, name: string): Uint8Array {
  return readBytes(value, name, { length: 20 });
}

/** @throws RpcError */
export function readObject(value: unknown, name: string): { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidParams(`${name} is not an object`);
  return value as { readonly [key: string]: unknown };
}
