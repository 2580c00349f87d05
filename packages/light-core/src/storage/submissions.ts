import { FlowRecord, PerigeeError, StoredFile } from '@perigee/wire';
import type { VerifiedState } from '../roles/index.ts';
import { FLOW_KEY, fileRootKey, plainFileKey, STORE, storedFileKey } from '../state/index.ts';
import type { FileName } from './segment-proof.ts';

/** The files that the chain has, each proved under a verified header. What is recorded of one never changes. */
export class Submissions {
  readonly #state: VerifiedState;

  constructor(state: VerifiedState) {
    this.#state = state;
  }

  /** How many there are; 0 while nothing is known of the chain. @throws what the state throws */
  async count(): Promise<number> {
    if (this.#state.head() === undefined) return 0;
    const raw = await this.#get(FLOW_KEY);
    return raw === undefined ? 0 : FlowRecord.decodeCanonical(raw).submissions;
  }

  async byTxSeq(txSeq: number, signal?: AbortSignal): Promise<StoredFile | undefined> {
    const raw = await this.#get(storedFileKey(txSeq), signal);
    return raw && StoredFile.decodeCanonical(raw);
  }

  /** The latest submission with this data root, whatever its length. */
  byRoot(root: Uint8Array, signal?: AbortSignal): Promise<StoredFile | undefined> {
    return this.#named(fileRootKey(root), signal);
  }

  /** The file without tags of this root and length, of which there is never a second. */
  plain({ root, length }: FileName, signal?: AbortSignal): Promise<StoredFile | undefined> {
    return this.#named(plainFileKey(root, length), signal);
  }

  /** The one without tags of this root and length; else the latest of this root, if it has this length. */
  async find(name: FileName, signal?: AbortSignal): Promise<StoredFile | undefined> {
    const plain = await this.plain(name, signal);
    if (plain?.length === name.length) return plain;
    const latest = await this.byRoot(name.root, signal);
    return latest?.length === name.length ? latest : undefined;
  }

  async #named(key: Uint8Array, signal?: AbortSignal): Promise<StoredFile | undefined> {
    const raw = await this.#get(key, signal);
    return raw && this.byTxSeq(numberOf(raw), signal);
  }

  async #get(key: Uint8Array, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#state.get(STORE.storage, key, signal && { signal });
  }
}

function numberOf(raw: Uint8Array): number {
  if (raw.length !== 8) throw new PerigeeError('PARSE', `number of a submission has ${raw.length} bytes in the state, not 8`);
  return Number(new DataView(raw.buffer, raw.byteOffset).getBigUint64(0));
}
