/** EIP-712 as data: what `eth_signTypedData_v4` takes, and the hash that a wallet signs for it. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concat, fromHex, PerigeeError, toHex, utf8 } from '@perigee/wire';

export interface TypedField {
  readonly name: string;
  /** A struct of `types`, or `string`, `bytes`, `bytes32`, `address`, `uint64`, `uint256`. */
  readonly type: string;
}

/** Bytes and addresses are hexadecimal with 0x, numbers decimal, as JSON carries them. */
export type TypedValue = string | { readonly [field: string]: TypedValue };

export interface TypedData {
  readonly types: { readonly EIP712Domain: readonly TypedField[]; readonly [struct: string]: readonly TypedField[] };
  readonly primaryType: string;
  readonly domain: { readonly [field: string]: TypedValue };
  readonly message: { readonly [field: string]: TypedValue };
}

const WORD = 32;

/**
 * The domain of all that is signed here: it has the genesis hash as salt, and no chain id, since wallets refuse one that is not the network which they happen
 * to be on.
 */
export function perigeeDomain(version: number, genesisHash: Uint8Array) {
  const fields: readonly TypedField[] = [
    { type: 'string', name: 'name' },
    { type: 'string', name: 'version' },
    { type: 'bytes32', name: 'salt' },
  ];
  return { fields, domain: { name: 'Perigee', version: String(version), salt: `0x${toHex(genesisHash)}` } };
}

/**
 * What is signed (EIP-712, "Specification of the eth_signTypedData JSON RPC"): `keccak(19 01 ‖ hash(domain) ‖ hash(message))`.
 *
 * @throws INVALID_ARGUMENT when a value is missing or does not fit its type
 */
export function hashTypedData({ types, primaryType, domain, message }: TypedData): Uint8Array {
  return keccak_256(concat(fromHex('1901'), hashStruct('EIP712Domain', domain, types), hashStruct(primaryType, message, types)));
}

type Types = TypedData['types'];

function hashStruct(name: string, value: TypedValue, types: Types): Uint8Array {
  if (typeof value === 'string') throw misfit(name, value);
  const words = fieldsOf(name, types).map(({ name: field, type }) => wordOf(type, value[field], types));
  return keccak_256(concat(keccak_256(utf8(encodeType(name, types))), ...words));
}

/** The struct, then all that it refers to, sorted by name. */
function encodeType(name: string, types: Types): string {
  const found = new Set<string>();
  const visit = (struct: string): void => {
    if (found.has(struct)) return;
    found.add(struct);
    for (const { type } of fieldsOf(struct, types)) if (types[type] !== undefined) visit(type);
  };
  visit(name);
  found.delete(name);
  const written = (struct: string) =>
    `${struct}(${fieldsOf(struct, types)
      .map((field) => `${field.type} ${field.name}`)
      .join(',')})`;
  return [name, ...[...found].sort()].map(written).join('');
}

function wordOf(type: string, value: TypedValue | undefined, types: Types): Uint8Array {
  if (value === undefined) throw misfit(type, 'nothing');
  if (types[type] !== undefined) return hashStruct(type, value, types);
  if (typeof value !== 'string') throw misfit(type, 'a struct');
  switch (type) {
    case 'string':
      return keccak_256(utf8(value));
    case 'bytes':
      return keccak_256(fromHex(value));
    case 'bytes32':
      return fromHex(value, WORD);
    case 'address':
      return padded(fromHex(value, 20));
    case 'uint64':
    case 'uint256':
      return uint(value, Number(type.slice('uint'.length)));
    default:
      throw misfit(type, value);
  }
}

function uint(decimal: string, bits: number): Uint8Array {
  if (!/^(0|[1-9][0-9]{0,77})$/.test(decimal) || BigInt(decimal) >= 1n << BigInt(bits)) throw misfit(`uint${bits}`, decimal);
  return fromHex(
    BigInt(decimal)
      .toString(16)
      .padStart(2 * WORD, '0'),
  );
}

function padded(bytes: Uint8Array): Uint8Array {
  return concat(new Uint8Array(WORD - bytes.length), bytes);
}

function fieldsOf(name: string, types: Types): readonly TypedField[] {
  const fields = types[name];
  if (fields === undefined) throw new PerigeeError('INVALID_ARGUMENT', `typed data has no struct "${name}"`);
  return fields;
}

function misfit(type: string, value: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', `typed data: ${value.slice(0, 80)} is not of type ${type}`);
}
