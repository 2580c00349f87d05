/** What a peer proves of a stream, checked against the app hash of a verified header: the one after the height of the proof. */
import {
  compare,
  equal,
  type KvChanges,
  KvEntry,
  type KvScan,
  type KvWatch,
  PerigeeError,
  type StateProof,
  type StateRun,
} from '@perigee/wire';
import { placeIn, STORE, verifyStateProof, verifyStateRun } from '../state/index.ts';
import { entryKey, keyOfEntry } from './keys.ts';
import { rangeOfScan, rangeOfWatch } from './ranges.ts';

/** The value of a key as the state has it. */
export interface KvValue {
  readonly key: Uint8Array;
  readonly entry: KvEntry;
}

interface Expected {
  /** Of verified header `height + 1` of the proof. */
  readonly appHash: Uint8Array;
  readonly stream: Uint8Array;
}

/**
 * @returns the entry, or `undefined` when its absence was proved
 * @throws PROOF, PROOF_ROOT
 */
export function verifyKvValue(
  proof: StateProof,
  { appHash, stream, key }: Expected & { readonly key: Uint8Array },
): KvEntry | undefined {
  const raw = verifyStateProof(proof, { appHash, store: STORE.kv, key: entryKey(stream, key) });
  return raw && decodeEntry(raw);
}

/**
 * Values of several keys at one height, `undefined` for each whose absence was proved.
 *
 * @throws PROOF, also when there is another number of proofs, or they are of several heights; PROOF_ROOT
 */
export function verifyKvValues(
  proofs: readonly StateProof[],
  { keys, ...expected }: Expected & { readonly keys: readonly Uint8Array[] },
): (KvEntry | undefined)[] {
  if (proofs.length !== keys.length) throw refuse(`${proofs.length} proofs came for ${keys.length} keys`);
  if (proofs.some(({ height }) => height !== proofs[0]?.height)) throw refuse('the proofs are of several heights');
  return proofs.map((proof, i) => verifyKvValue(proof, { ...expected, key: keys[i] ?? new Uint8Array(0) }));
}

/**
 * Entries of a range: with a limit of 1 the next, previous, first or last one.
 *
 * @returns in the order asked for; `complete` when the range holds no more
 * @throws PROOF, also for a hole; PROOF_ROOT; INVALID_ARGUMENT for a limit that cannot be asked for
 */
export function verifyKvScan(
  run: StateRun,
  { appHash, stream, scan }: Expected & { readonly scan: KvScan },
): { readonly values: readonly KvValue[]; readonly complete: boolean } {
  const { entries, complete } = verifyStateRun(run, { appHash, store: STORE.kv, range: rangeOfScan(stream, scan) });
  return { values: entries.map(({ key, value }) => ({ key: keyIn(key, stream), entry: decodeEntry(value) })), complete };
}

/**
 * Changes as a subscription tells of them, each with its value at the height of the change. That none was left out only proofs at a later head can
 * say.
 *
 * @returns ascending by key, each once; `entry` is `undefined` where the key was deleted
 * @throws PROOF, also for a key that was not subscribed to; PROOF_ROOT
 */
export function verifyKvChanges(
  { height, proofs }: KvChanges,
  { appHash, stream, watch }: Expected & { readonly watch: Pick<KvWatch, 'key' | 'isPrefix'> },
): { readonly key: Uint8Array; readonly entry: KvEntry | undefined }[] {
  const range = rangeOfWatch(stream, watch);
  let before: Uint8Array | undefined;
  return proofs.map((proof) => {
    const place = proof.inner.exist?.key ?? proof.inner.nonexist?.key;
    if (proof.height !== height) throw refuse(`a change of height ${height} is proved at ${proof.height}`);
    if (place === undefined || placeIn(range, place) !== 'inside') throw refuse('it is of a key that was not subscribed to');
    if (before !== undefined && compare(before, place) >= 0) throw refuse('its keys do not ascend');
    before = place;
    const key = keyIn(place, stream);
    return { key, entry: verifyKvValue(proof, { appHash, stream, key }) };
  });
}

function keyIn(place: Uint8Array, stream: Uint8Array): Uint8Array {
  const key = keyOfEntry(place, stream);
  if (key === undefined || !equal(entryKey(stream, key), place)) throw refuse('it is of another stream');
  return key;
}

/** What the state holds was written by its rules: anything else is a chain of other rules. */
function decodeEntry(raw: Uint8Array): KvEntry {
  return KvEntry.decodeCanonical(raw);
}

function refuse(what: string): PerigeeError {
  return new PerigeeError('PROOF', `proof of a stream is refused: ${what}`);
}
