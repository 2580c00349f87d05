/** A chain that stores files, and what its state says of them. */
import { FLOW_KEY, fileRootKey, STORAGE_POOL, STORE, storedFileKey } from '@perigee/light-core/state';
import { fileTreeOf, nobleFileHash, type Submission, submissionOf } from '@perigee/light-core/storage';
import { FlowRecord, StoredFile, SubmitResults, type TxMessage } from '@perigee/wire';
import type { TxResult } from '../../../src/application/index.ts';
import type { GenesisOptions } from '../../../src/index.ts';
import { readAccount } from '../../../src/machine/accounts.ts';
import { addressOf, genesisOf, transferTx } from '../../devnet.ts';
import { type Driven, drive } from '../drive.ts';

export const PRICE = 24n;

export function storingGenesis(change: Partial<GenesisOptions> = {}) {
  return genesisOf({ storage: { pricePerSector: PRICE }, gasPrice: 1n, ...change });
}

/** A file of this many bytes, the same for a seed. */
export function fileOf(length: number, seed = 0): Submission {
  return submissionOf(
    fileTreeOf(
      Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 255),
      nobleFileHash,
    ),
  );
}

export class Storing {
  readonly chain: Driven;
  readonly #nonces = new Map<string, number>();

  private constructor(chain: Driven) {
    this.chain = chain;
  }

  static async begin(genesis = storingGenesis(), dir?: string): Promise<Storing> {
    return new Storing(await drive(genesis, dir));
  }

  /** One transaction in a block of its own. */
  async submit(submission: Submission, value: bigint, from = 'alice'): Promise<TxResult> {
    return this.send(from, [{ storageSubmit: { ...submission, value } }]);
  }

  async send(from: string, messages: readonly TxMessage[]): Promise<TxResult> {
    const nonce = this.#nonces.get(from) ?? 0;
    this.#nonces.set(from, nonce + 1);
    const raw = await transferTx(this.chain.genesis, {
      from,
      nonce,
      expiryHeight: this.chain.height() + 1_000,
      gasLimit: 1_000_000,
      messages,
    });
    return this.run(raw);
  }

  /** With the session key of one for the account of another, in a lane of its own. */
  async sendAs(key: string, account: string, messages: readonly TxMessage[]): Promise<TxResult> {
    const draft = { from: key, account: addressOf(account), lane: 1, gasLimit: 1_000_000, messages };
    return this.run(await transferTx(this.chain.genesis, draft));
  }

  async run(raw: Uint8Array): Promise<TxResult> {
    const { txResults } = await this.chain.block([raw]);
    return txResults[0] as TxResult;
  }

  get flow(): FlowRecord {
    return FlowRecord.decode(this.chain.value(STORE.storage, FLOW_KEY) ?? new Uint8Array(0));
  }

  get pool(): bigint {
    return readAccount({ get: this.chain.value }, STORAGE_POOL)?.balance ?? 0n;
  }

  file(txSeq: number): StoredFile | undefined {
    const raw = this.chain.value(STORE.storage, storedFileKey(txSeq));
    return raw === undefined ? undefined : StoredFile.decode(raw);
  }

  /** The latest submission with a data root. */
  txSeqOf(root: Uint8Array): number | undefined {
    const raw = this.chain.value(STORE.storage, fileRootKey(root));
    return raw === undefined ? undefined : Number(Buffer.from(raw).readBigUInt64BE());
  }
}

export function submitsOf({ data }: TxResult): SubmitResults['submits'] {
  return SubmitResults.decodeCanonical(data).submits;
}
