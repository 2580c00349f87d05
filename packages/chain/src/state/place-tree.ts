/** Hashes the nodes that a block made, and puts them into pages. */
import { hash } from 'node:crypto';
import { MAX_STATE_KEY_BYTES } from '@perigee/wire';
import { MAX_NODE_OVERHEAD, putVarint, REF_TAG, TAG } from './node-bytes.ts';
import type { NodeTable, Row } from './node-table.ts';
import { type PageWriter, RECORD_AT } from './page-writer.ts';

const DIGEST_BYTES = 32;

/** What is hashed. One for all: hashing does not wait. Three numbers, key with length, two digests with theirs. */
const preimage = Buffer.alloc(MAX_STATE_KEY_BYTES + 128);
/** Its beginnings by length: making a view takes as long as hashing it. */
const beginnings: Uint8Array[] = [];

/** Hash and place the rows below `row` that have no place yet: children before their parents, left before right. */
export function placeTree(table: NodeTable, row: Row, writer: PageWriter): void {
  if (table.place(row) !== 0) return;
  if (table.height(row) === 0) placeLeaf(table, row, writer);
  else {
    placeTree(table, table.left(row), writer);
    placeTree(table, table.right(row), writer);
    placeInner(table, row, writer);
  }
}

function placeLeaf(table: NodeTable, row: Row, writer: PageWriter): void {
  const { bytes, digests } = table;
  const from = table.keyAt(row);
  const length = table.keyLength(row);
  const version = table.version(row);
  preimage[0] = 0;
  preimage[1] = 2;
  let to = putVarint(preimage, 2, 2 * version);
  to = putBytes(preimage, to, bytes, from, length);
  to = putBytes(preimage, to, digests, DIGEST_BYTES * row, DIGEST_BYTES);
  table.setDigest(row, sha256(to));

  const valueSize = table.valueLength(row);
  const page = writer.begin(0, MAX_NODE_OVERHEAD + length + valueSize);
  const { out } = page;
  let end = page.bytes + RECORD_AT;
  out[end++] = TAG.key;
  end = putBytes(out, end, bytes, from, length);
  out[end++] = TAG.value;
  end = putBytes(out, end, bytes, table.valueAt(row), valueSize);
  out[end++] = TAG.version;
  table.setPlace(row, writer.end(page, putVarint(out, end, version)));
}

function placeInner(table: NodeTable, row: Row, writer: PageWriter): void {
  const { bytes, digests } = table;
  const left = table.left(row);
  const right = table.right(row);
  const height = table.height(row);
  const version = table.version(row);
  let to = putVarint(preimage, 0, 2 * height);
  to = putVarint(preimage, to, 2 * table.size(row));
  to = putVarint(preimage, to, 2 * version);
  to = putBytes(preimage, to, digests, DIGEST_BYTES * left, DIGEST_BYTES);
  to = putBytes(preimage, to, digests, DIGEST_BYTES * right, DIGEST_BYTES);
  table.setDigest(row, sha256(to));

  const length = table.keyLength(row);
  const page = writer.begin(height, MAX_NODE_OVERHEAD + length);
  const { out } = page;
  let end = page.bytes + RECORD_AT;
  out[end++] = TAG.key;
  end = putBytes(out, end, bytes, table.keyAt(row), length);
  end = putRef(out, end, TAG.left, table, left);
  end = putRef(out, end, TAG.right, table, right);
  out[end++] = TAG.version;
  table.setPlace(row, writer.end(page, putVarint(out, end, version)));
}

function putRef(out: Uint8Array, at: number, tag: number, table: NodeTable, row: Row): number {
  out[at] = tag;
  out[at + 2] = REF_TAG.version;
  let to = putVarint(out, at + 3, table.version(row));
  const height = table.height(row);
  if (height !== 0) {
    out[to++] = REF_TAG.height;
    out[to++] = height; // below 128
  }
  out[to++] = REF_TAG.size;
  to = putVarint(out, to, table.size(row));
  out[to++] = REF_TAG.hash;
  to = putBytes(out, to, table.digests, DIGEST_BYTES * row, DIGEST_BYTES);
  out[to++] = REF_TAG.place;
  to = putVarint(out, to, table.place(row));
  out[at + 1] = to - at - 2; // below 128
  return to;
}

/** Bytes behind their length. A loop: for so few, a call to copy them costs more. */
function putBytes(out: Uint8Array, at: number, from: Uint8Array, start: number, length: number): number {
  const to = putVarint(out, at, length);
  for (let i = 0; i < length; i++) out[to + i] = from[start + i] as number;
  return to + length;
}

function sha256(length: number): string {
  let beginning = beginnings[length];
  if (beginning === undefined) {
    beginning = preimage.subarray(0, length);
    beginnings[length] = beginning;
  }
  return hash('sha256', beginning, 'binary');
}
