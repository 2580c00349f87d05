/** Bounds of who puts files into storage and gets them out of it (docs/storage.md); those of the nodes are in `limits-storage.ts`. */

import { MAX_TX_BYTES } from './limits.ts';
import { FILE_SEGMENT_BYTES } from './limits-storage.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Segments of one file that are asked for and not yet taken by who wanted them: what a download holds in memory at most, 24 MiB. */
export const FETCH_AHEAD_SEGMENTS = 96;
/** Storage nodes that one transfer talks to: more would not make it faster, and each has buffers. */
export const MAX_TRANSFER_PEERS = 32;
/** A segment that did not come in this time is asked of another node too, milliseconds; later where nodes are slower all the time. */
export const FETCH_HEDGE_MS = 750;
/** So many times the usual time of an answer it is waited before another node is asked. */
export const FETCH_HEDGE_FACTOR = 3;
/** A download in which nothing comes for so long has failed, milliseconds: a node that is started anew is back by then. */
export const FETCH_PATIENCE_MS = 20_000;
/** A download that can ask nobody who is connected looks for other nodes after this time, and again after the second, milliseconds. */
export const FETCH_SEARCH_AFTER_MS = 250;
export const FETCH_SEARCH_AGAIN_MS = 5_000;
/** How often nodes that had not all of a file, or did not answer, are asked again what they have, milliseconds. */
export const HOLDERS_AGAIN_MS = 1_000;
/** Requests in a row that a node fails before it is left alone for a while. */
export const MAX_HOLDER_FAILURES = 3;
/** Bytes that are written to a partial file before it is noted that they are there: what a kill costs at most. */
export const PART_FLUSH_BYTES = 64 * FILE_SEGMENT_BYTES;
/** Header of the notes beside a partial file, bytes: bounds what is read of a file that may be anything. */
export const MAX_PART_HEADER_BYTES = KIB;
/** Bytes that are hashed in one job: large enough that the way to a worker costs nothing, small enough that a few are no memory. */
export const HASH_PIECE_BYTES = 16 * FILE_SEGMENT_BYTES;
/** Blocks that a transaction of files may wait for. */
export const SUBMIT_WITHIN_BLOCKS = 100;
/** Copies of a file that may be asked for. */
export const MAX_REPLICAS = 16;
/** A node that has taken nothing for so long is not relied on alone, milliseconds: others of its segments are used too. */
export const PUT_STALL_MS = 3_000;
/** An upload in which no node takes anything for so long has failed, milliseconds. */
export const PUT_PATIENCE_MS = 60_000;
/** How long a node is left alone that is busy, behind the chain, or not there, milliseconds; longer each time. */
export const PUT_REST_MS = 500;
/** Files that are uploaded side by side: nodes let one peer have eight open. */
export const MAX_PUTS_AT_ONCE = 4;
/** What is kept of a transaction that was not seen in the chain yet, bytes. */
export const MAX_PENDING_PAYMENT_BYTES = MAX_TX_BYTES + KIB;

// Folders of files, as one file that lists them.
/** A manifest, bytes; its lists are held in memory. */
export const MAX_MANIFEST_BYTES = 64 * MIB;
/** Files of a folder, stored files that hold them, and tensors that it names. */
export const MAX_FOLDER_FILES = 262_144;
export const MAX_FOLDER_TENSORS = 262_144;
/** A path in a folder, bytes of UTF-8: what file systems take. */
export const MAX_FOLDER_PATH_BYTES = 1_024;
/** One name in a path, bytes of UTF-8: what file systems take. */
export const MAX_FOLDER_NAME_BYTES = 255;
/** Files up to this size are put together into packs, bytes: each stored file costs a transaction, and a sixteenth of padding. */
export const MAX_PACKED_FILE_BYTES = FILE_SEGMENT_BYTES;
/** A pack is closed at this size, bytes. */
export const PACK_BYTES = 64 * MIB;
/** Header of a safetensors file, bytes: a longer one is not read, and its tensors cannot be named. */
export const MAX_SAFETENSORS_HEADER_BYTES = 16 * MIB;
/** Name, type and dimensions of a tensor. */
export const MAX_TENSOR_NAME_BYTES = 512;
export const MAX_TENSOR_TYPE_BYTES = 16;
export const MAX_TENSOR_DIMENSIONS = 16;

/** What an encrypted file begins with, bytes: bounds what is read of what a device kept. */
export const MAX_SEALED_START_BYTES = 256;
