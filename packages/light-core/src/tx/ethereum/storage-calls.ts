/** Scheme 3: the calls by which clients of 0G Storage submit files, in both shapes that are in use: with a submitter, and without. */
import {
  equal,
  fromHex,
  MAX_FILE_TAGS_BYTES,
  MAX_SUBMISSION_HEIGHT,
  MAX_SUBMISSION_NODES,
  MAX_TX_MESSAGES,
  PerigeeError,
  type StorageSubmit,
  type TxMessage,
  toHex,
} from '@perigee/wire';
import { type Submission, sectorsOf } from '../../storage/index.ts';
import { selectorOf, uintOf } from './abi.ts';

const WORD = 32;
const LENGTH_BITS = 53;
const SUBMISSION = '(uint256,bytes,(bytes32,uint256)[])';
const WITH_SUBMITTER = `(${SUBMISSION},address)`;

const STORAGE_CALLS: readonly { readonly signature: string; read(words: Words): Submission[] }[] = [
  { signature: `submit(${WITH_SUBMITTER})`, read: (words) => [single(words, withSubmitter)] },
  { signature: `submit(${SUBMISSION})`, read: (words) => [single(words, submission)] },
  { signature: `batchSubmit(${WITH_SUBMITTER}[])`, read: (words) => several(words, withSubmitter) },
  { signature: `batchSubmit(${SUBMISSION}[])`, read: (words) => several(words, submission) },
];

/**
 * The submissions that a call makes, each with its share of the tokens that are sent along: by sectors, as the price is, so what is enough for all
 * is enough for each.
 *
 * @throws TX_MESSAGE unless the data is laid out as every encoder does it
 */
export function submitsOfCall(data: Uint8Array, value: bigint): TxMessage[] {
  const selector = toHex(data.subarray(0, 4));
  const call = STORAGE_CALLS.find(({ signature }) => selectorOf(signature) === selector);
  if (call === undefined) throw new PerigeeError('TX_MESSAGE', `the flow of files has no call 0x${selector}`);
  const words = new Words(data.subarray(4));
  const submissions = call.read(words);
  words.end();
  const sectors = submissions.map(({ nodes }) => BigInt(sectorsOf(nodes)));
  const total = sectors.reduce((sum, one) => sum + one, 0n);
  let left = value;
  return submissions.map((one, i): { storageSubmit: StorageSubmit } => {
    const isLast = i === submissions.length - 1;
    const share = isLast || total === 0n ? left : (value * (sectors[i] ?? 0n)) / total;
    left -= share;
    return { storageSubmit: { ...one, value: share } };
  });
}

function single(words: Words, read: (words: Words) => Submission): Submission {
  words.offset(WORD);
  return read(words);
}

function several(words: Words, read: (words: Words) => Submission): Submission[] {
  words.offset(WORD);
  const count = words.count(MAX_TX_MESSAGES, 'submissions');
  if (count === 0) throw bad('a batch has no submission');
  const base = words.at;
  const offsets = Array.from({ length: count }, () => words.number(LENGTH_BITS, 'offset'));
  return offsets.map((offset) => {
    if (base + offset !== words.at) throw outOfPlace(words.at);
    return read(words);
  });
}

/** The submitter is not looked at: whoever signs is the author. */
function withSubmitter(words: Words): Submission {
  words.offset(2 * WORD);
  uintOf(words.next(), 160, 'submitter');
  return submission(words);
}

function submission(words: Words): Submission {
  const base = words.at;
  const length = words.number(LENGTH_BITS, 'length');
  words.offset(3 * WORD);
  const nodesAt = words.number(LENGTH_BITS, 'offset');
  const tags = words.bytes(MAX_FILE_TAGS_BYTES, 'tags');
  if (base + nodesAt !== words.at) throw outOfPlace(words.at);
  const nodes = Array.from({ length: words.count(MAX_SUBMISSION_NODES, 'nodes') }, () => {
    const root = words.next();
    const height = words.number(LENGTH_BITS, 'height');
    if (height > MAX_SUBMISSION_HEIGHT) throw bad(`a node has height ${height}; the largest is ${MAX_SUBMISSION_HEIGHT}`);
    return { root, height };
  });
  return { length, tags, nodes };
}

/** Reads words one after another. There is one layout, the one that encoders write: offsets say where the reader is already. */
class Words {
  at = 0;
  readonly #data: Uint8Array;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  next(): Uint8Array {
    if (this.at + WORD > this.#data.length) throw bad(`its data ends at byte ${4 + this.#data.length}, within a value`);
    this.at += WORD;
    return this.#data.slice(this.at - WORD, this.at);
  }

  number(bits: number, name: string): number {
    return Number(uintOf(this.next(), bits, name));
  }

  count(max: number, name: string): number {
    const count = this.number(LENGTH_BITS, name);
    if (count > max) throw bad(`it has ${count} ${name}; ${max} are the most`);
    return count;
  }

  offset(due: number): void {
    if (this.number(LENGTH_BITS, 'offset') !== due) throw outOfPlace(this.at);
  }

  bytes(max: number, name: string): Uint8Array {
    const length = this.count(max, name);
    const padded = Array.from({ length: Math.ceil(length / WORD) }, () => this.next());
    const all = fromHex(padded.map(toHex).join(''));
    if (!equal(all.subarray(length), new Uint8Array(all.length - length))) throw bad(`its ${name} are not padded with zeros`);
    return all.slice(0, length);
  }

  end(): void {
    if (this.at !== this.#data.length) throw bad(`${this.#data.length - this.at} bytes are behind it`);
  }
}

function outOfPlace(at: number): PerigeeError {
  return bad(`an offset before byte ${4 + at} does not say where its value is`);
}

function bad(what: string): PerigeeError {
  return new PerigeeError('TX_MESSAGE', `call that submits files cannot be read: ${what}`);
}
