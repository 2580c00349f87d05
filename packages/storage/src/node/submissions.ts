import type { VerifiedState } from '@perigee/light-core/roles';
import { FLOW_KEY, fileRootKey, plainFileKey, STORE, storedFileKey } from '@perigee/light-core/state';
import type { FileName } from '@perigee/light-core/storage';
import { FlowRecord, PerigeeError, StoredFile } from '@perigee/wire';

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

  /** The one without tags of this root and length; else the latest of this root, if it has this length. */
  async find({ root, length }: FileName, signal?: AbortSignal): Promise<StoredFile | undefined> {
    for (const key of [plainFileKey(root, length), fileRootKey(root)]) {
      const raw = await this.#get(key, signal);
      const file = raw && (await this.byTxSeq(numberOf(raw), signal));
      if (file?.length === length) return file;
    }
    return undefined;
  }

  async #get(key: Uint8Array, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#state.get(STORE.storage, key, signal && { signal });
  }
}

function numberOf(raw: Uint8Array): number {
  if (raw.length !== 8) throw new PerigeeError('PARSE', `number of a submission has ${raw.length} bytes in the state, not 8`);
  return Number(new DataView(raw.buffer, raw.byteOffset).getBigUint64(0));
}
