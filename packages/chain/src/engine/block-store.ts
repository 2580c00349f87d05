import { Block, type Commit, type Infer, PerigeeError, txIdOf, type ValidatorSet } from '@perigee/wire';
import { Database, type Write } from '../db/index.ts';
import {
  blockRecordKey,
  HEAD_KEY,
  HeaderRecord,
  HeadRecord,
  headerRecordKey,
  type ResultRecord,
  ResultsRecord,
  resultsRecordKey,
  TxRecord,
  txRecordKey,
} from './records.ts';

const FORMAT = { kind: 'blocks', version: 1 } as const;

export type Head = Infer<typeof HeadRecord>;
export type StoredHeader = Infer<typeof HeaderRecord>;
export type StoredResult = Infer<typeof ResultRecord>;

/** A block with all that belongs to it. */
export interface NewBlock {
  readonly block: Block;
  readonly commit: Commit;
  readonly validators: ValidatorSet;
  readonly results: readonly StoredResult[];
  /** What the block after it is made from. */
  readonly head: Head;
}

/** Blocks, their commits and results on disk. A block is there with all that belongs to it, or not at all. */
export class BlockStore {
  readonly #db: Database;
  readonly #dir: string;
  #head: Head | undefined;

  private constructor(db: Database, dir: string) {
    this.#db = db;
    this.#dir = dir;
  }

  /** @throws STORE_VERSION, STORE_CORRUPT, STORE_LOCKED */
  static async open(dir: string): Promise<BlockStore> {
    const store = new BlockStore(await Database.open(dir, FORMAT), dir);
    try {
      const raw = store.#db.get(HEAD_KEY);
      if (raw !== undefined) {
        store.#head = HeadRecord.decode(raw);
        store.block(store.#head.height);
        store.header(store.#head.height);
      }
    } catch (error) {
      await store.close();
      throw PerigeeError.from(error).code === 'STORE_CORRUPT' ? error : store.#corrupt('the last block', error);
    }
    return store;
  }

  /** The last block, `undefined` before the first. */
  get head(): Head | undefined {
    return this.#head;
  }

  /** @throws STORE_CORRUPT when it is missing; call it for heights up to the head only */
  header(height: number): StoredHeader {
    return this.#read(`header ${height}`, headerRecordKey(height), HeaderRecord.decode);
  }

  block(height: number): Block {
    return this.#read(`block ${height}`, blockRecordKey(height), Block.decodeCanonical);
  }

  results(height: number): readonly StoredResult[] {
    return this.#read(`results of block ${height}`, resultsRecordKey(height), ResultsRecord.decode).results;
  }

  /** What became of a transaction, and its place, `undefined` when no block holds it. */
  result(txId: Uint8Array): (StoredResult & { readonly height: number; readonly index: number }) | undefined {
    const raw = this.#db.get(txRecordKey(txId));
    if (raw === undefined) return undefined;
    const { height, index } = TxRecord.decode(raw);
    const result = this.results(height)[index];
    if (result === undefined) throw this.#corrupt(`result ${index} of block ${height}`);
    return { ...result, height, index };
  }

  async save({ block, commit, validators, results, head }: NewBlock): Promise<void> {
    const { header, data } = block;
    const { height } = header;
    const txs = new Map<string, Write>();
    data.txs.forEach((tx, index) => {
      const key = txRecordKey(txIdOf(tx));
      // of a transaction that is there twice, the first may have done something
      const name = Buffer.from(key).toString('latin1');
      if (!txs.has(name) && this.#db.get(key) === undefined) txs.set(name, { key, value: TxRecord.encode({ height, index }) });
    });
    await this.#db.write([
      { key: headerRecordKey(height), value: HeaderRecord.encode({ header, commit, validators }) },
      { key: blockRecordKey(height), value: Block.encode(block) },
      { key: resultsRecordKey(height), value: ResultsRecord.encode({ results }) },
      { key: HEAD_KEY, value: HeadRecord.encode(head) },
      ...txs.values(),
    ]);
    this.#head = head;
  }

  async close(): Promise<void> {
    await this.#db.close();
  }

  #read<T>(what: string, key: Uint8Array, decode: (bytes: Uint8Array) => T): T {
    const raw = this.#db.get(key);
    if (raw === undefined) throw this.#corrupt(what);
    return decode(raw);
  }

  #corrupt(what: string, cause?: unknown): PerigeeError {
    return new PerigeeError('STORE_CORRUPT', `${what} is missing or unreadable in ${this.#dir}; restore the directory`, {
      cause,
    });
  }
}
