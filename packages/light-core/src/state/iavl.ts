/**
 * The hashed bytes of an IAVL node (cosmos/iavl: `Node.writeHashBytes`), written for the tree and read back strictly for proofs.
 *
 * leaf: zigzag varints (0, 1, version) ‖ length-prefixed key ‖ 0x20 ‖ SHA-256(value)
 * inner: zigzag varints (height, size, version) ‖ 0x20 ‖ left hash ‖ 0x20 ‖ right hash
 *
 * Height 0 is written by leaves alone, so the bytes of one kind can never be read as the other – as long as the varints are read,
 * which is what ICS23 verifiers that only look at prefix lengths leave out.
 */
import { concat, type InnerOp, type LeafOp, readUvarint, u8, uvarint, zigzag } from '@perigee/wire';
import { refuse } from './refuse.ts';

const HASH_LENGTH = u8(32);
/** HashOp and LengthOp of ICS23. */
const NO_HASH = 0;
const SHA256 = 1;
const VAR_PROTO = 1;

function iavlLeafPrefix(version: number): Uint8Array {
  return concat(zigzag(0), zigzag(1), zigzag(version));
}

export function iavlLeafBytes(version: number, key: Uint8Array, valueHash: Uint8Array): Uint8Array {
  return concat(iavlLeafPrefix(version), uvarint(key.length), key, HASH_LENGTH, valueHash);
}

/** `zigzag(height) ‖ zigzag(size) ‖ zigzag(version) ‖ 0x20`: what stands before the left hash. */
function iavlInnerPrefix(height: number, size: number, version: number): Uint8Array {
  return concat(zigzag(height), zigzag(size), zigzag(version), HASH_LENGTH);
}

export function iavlInnerBytes(height: number, size: number, version: number, left: Uint8Array, right: Uint8Array): Uint8Array {
  return concat(iavlInnerPrefix(height, size, version), left, HASH_LENGTH, right);
}

export function iavlLeafOp(version: number): LeafOp {
  return { hash: SHA256, prehashKey: NO_HASH, prehashValue: SHA256, length: VAR_PROTO, prefix: iavlLeafPrefix(version) };
}

/** The step from a child on `side` to its parent; `sibling` is the hash of the other child. */
export function iavlInnerOp(
  node: { readonly height: number; readonly size: number; readonly version: number },
  side: Side,
  sibling: Uint8Array,
): InnerOp {
  const prefix = iavlInnerPrefix(node.height, node.size, node.version);
  return side === 'left'
    ? { hash: SHA256, prefix, suffix: concat(HASH_LENGTH, sibling) }
    : { hash: SHA256, prefix: concat(prefix, sibling, HASH_LENGTH), suffix: new Uint8Array(0) };
}

/** On which side of its parent a child hangs. */
export type Side = 'left' | 'right';

/** One step of a path, as far as it can be known from the path. */
export interface Step {
  readonly height: number;
  readonly size: number;
  readonly side: Side;
}

/**
 * @returns the leaf's version
 * @throws PROOF unless the operation is exactly that of an IAVL leaf
 */
export function readLeafOp(leaf: LeafOp | undefined): number {
  if (leaf === undefined) throw refuse('leaf operation is missing');
  if (leaf.hash !== SHA256 || leaf.prehashKey !== NO_HASH || leaf.prehashValue !== SHA256 || leaf.length !== VAR_PROTO) {
    throw refuse('leaf operation hashes in another way than an IAVL leaf');
  }
  const [height, size, version, end] = readNode(leaf.prefix);
  if (end !== leaf.prefix.length || height !== 0 || size !== 1 || version < 1) {
    throw refuse(
      `leaf prefix (${height}, ${size}, ${version}) and ${leaf.prefix.length - end} more bytes is not (0, 1, version)`,
    );
  }
  return version;
}

/** @throws PROOF unless the operation is exactly that of an IAVL inner node */
export function readInnerOp(op: InnerOp): Step {
  if (op.hash !== SHA256) throw refuse(`inner operation hashes with ${op.hash}, not SHA-256`);
  const [height, size, version, end] = readNode(op.prefix);
  if (height < 1 || version < 1 || size < height + 1 || size > 2 ** height) {
    throw refuse(`inner node (${height}, ${size}, ${version}) cannot exist`);
  }
  const rest = op.prefix.subarray(end);
  if (rest.length === 1 && rest[0] === 32 && op.suffix.length === 33 && op.suffix[0] === 32)
    return { height, size, side: 'left' };
  if (rest.length === 34 && rest[0] === 32 && rest[33] === 32 && op.suffix.length === 0) return { height, size, side: 'right' };
  throw refuse(`inner operation has ${rest.length} bytes behind its numbers and a suffix of ${op.suffix.length}`);
}

/** Height, size and version at the start of `prefix`, and where they end. */
function readNode(prefix: Uint8Array): [height: number, size: number, version: number, end: number] {
  const out: number[] = [];
  let at = 0;
  for (const name of ['height', 'size', 'version']) {
    let read: ReturnType<typeof readUvarint>;
    try {
      read = readUvarint(prefix, at);
    } catch (cause) {
      throw refuse(`${name} in a node prefix is not a minimal varint`, cause);
    }
    const value = read.value >> 1n;
    if ((read.value & 1n) === 1n || value > BigInt(Number.MAX_SAFE_INTEGER))
      throw refuse(`${name} in a node prefix is out of range`);
    out.push(Number(value));
    at = read.end;
  }
  const [height = 0, size = 0, version = 0] = out;
  return [height, size, version, at];
}
