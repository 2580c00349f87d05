/**
 * Who holds which row, written down from the words of PROTOCOL §2 alone: whole numbers of any size, lists, and no line in common with
 * `src/da`. Slow and plain on purpose.
 */
import { createHash } from 'node:crypto';

export interface Holder {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly stake: bigint;
}

/** Rows that a node holds at least, by redundancy. */
const LEAST: Readonly<Record<number, number>> = { 2: 241, 4: 148, 8: 121 };

/** @returns for each member, ascending by address, its rows, ascending */
export function rowsByTheWords(holders: readonly Holder[], commitment: Uint8Array, k: number, n: number): number[][] {
  const order = [...holders].sort((a, b) => Buffer.compare(a.address, b.address));
  const positions = permuted(k + n, commitment, hashOf(order));
  const count = BigInt(k + n);
  const stakes = order.map(({ stake }) => stake);
  const all = sum(stakes);
  return order.map((_, i) => {
    const a = sum(stakes.slice(0, i));
    const b = sum(stakes.slice(0, i + 1));
    const held: number[] = [];
    let position = (a * count) / all;
    // ceil(b · count / all) − 1 is the last position p with p · all < b · count
    for (; position * all < b * count; position++) held.push(Number(position));
    for (; held.length < Math.min(k + n, LEAST[(k + n) / k] ?? 0); position++) held.push(Number(position % count));
    return held.map((p) => positions[p] ?? -1).sort((x, y) => x - y);
  });
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

/** Fisher–Yates from the last position down. */
function permuted(count: number, commitment: Uint8Array, committeeHash: Buffer): number[] {
  const list = Array.from({ length: count }, (_, i) => i);
  const words = wordsOf(commitment, committeeHash);
  for (let i = count - 1; i >= 1; i--) {
    const choices = BigInt(i + 1);
    const usable = (2n ** 32n / choices) * choices;
    let word = BigInt(words.next().value);
    while (word >= usable) word = BigInt(words.next().value);
    const j = Number(word % choices);
    const [upper, lower] = [list[i] ?? -1, list[j] ?? -1];
    list[i] = lower;
    list[j] = upper;
  }
  return list;
}

function* wordsOf(commitment: Uint8Array, committeeHash: Buffer): Generator<number, never> {
  for (let counter = 0; ; counter++) {
    const number = Buffer.alloc(4);
    number.writeUInt32LE(counter);
    const bytes = Buffer.concat([Buffer.from('perigee/da/assign/v0', 'ascii'), commitment, committeeHash, number]);
    const hash = sha256(bytes);
    for (let at = 0; at < 32; at += 4) yield hash.readUInt32LE(at);
  }
}

/** SHA-256 of the members as protobuf: field 1 of the list, in it 1 address, 2 key, 3 stake. */
function hashOf(order: readonly Holder[]): Buffer {
  const members = order.map(({ address, publicKey, stake }) => {
    const member = Buffer.concat([field(1, 2, address), field(2, 2, publicKey), varint(3n << 3n), varint(stake)]);
    return field(1, 2, member);
  });
  return sha256(Buffer.concat(members));
}

function field(number: number, type: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(BigInt((number << 3) | type)), varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
