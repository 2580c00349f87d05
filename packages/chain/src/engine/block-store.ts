import { headerHash } from '@perigee/light-core/comet';
import { ethereumTxHash, isEthereumTx } from '@perigee/light-core/tx';
import { Block, type Commit, type Infer, PerigeeError, txIdOf, u64be, utf8, type ValidatorSet } from '@perigee/wire';
import { Database, type Write } from '../db/index.ts';
import {
  blockRecordKey,
  ethereumRecordKey,
  HEAD_KEY,
  HeaderRecord,
  HeadRecord,
  hashRecordKey,
  headerRecordKey,
  type ResultRecord,
  ResultsRecord,
  resultsRecordKey,
  TxRecord,
  txRecordKey,
} from './records.ts';

const FORMAT = { kind: 'blocks', version: 2, migrate: addHashes } as const;

export type Head = Infer<typeof HeadRecord>;
export type StoredHeader = Infer<typeof HeaderRecord>;
export type StoredResult = Infer<typeof ResultRecord>;

/** The place of a transaction. */
export type TxPlace = Infer<typeof TxRecord>;

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
  /** The header that was read last: everybody asks for that of the head, again and again. */
  #last: { readonly height: number; readonly stored: StoredHeader } | undefined;

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
    if (this.#last?.height !== height) {
      this.#last = { height, stored: this.#read(`header ${height}`, headerRecordKey(height), HeaderRecord.decode) };
    }
    return this.#last.stored;
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

  /** Where a transaction is. @param hash its id, or its Ethereum hash */
  placeOf(hash: Uint8Array): TxPlace | undefined {
    const raw = this.#db.get(txRecordKey(hash)) ?? this.#db.get(ethereumRecordKey(hash));
    return raw && TxRecord.decode(raw);
  }

  /** Height of the block with a header hash. */
  heightOf(headerHash: Uint8Array): number | undefined {
    const raw = this.#db.get(hashRecordKey(headerHash));
    return raw && Number(new DataView(raw.buffer, raw.byteOffset, 8).getBigUint64(0));
  }

  async save({ block, commit, validators, results, head }: NewBlock): Promise<void> {
    const { header, data } = block;
    const { height } = header;
    const txs = new Map<string, Write>();
    const note = (key: Uint8Array, index: number): void => {
      // of a transaction that is there twice, the first may have done something
      const name = Buffer.from(key).toString('latin1');
      if (!txs.has(name) && this.#db.get(key) === undefined) txs.set(name, { key, value: TxRecord.encode({ height, index }) });
    };
    data.txs.forEach((tx, index) => {
      note(txRecordKey(txIdOf(tx)), index);
      if (isEthereumTx(tx)) note(ethereumRecordKey(ethereumTxHash(tx)), index);
    });
    await this.#db.write([
      { key: headerRecordKey(height), value: HeaderRecord.encode({ header, commit, validators }) },
      { key: blockRecordKey(height), value: Block.encode(block) },
      { key: resultsRecordKey(height), value: ResultsRecord.encode({ results }) },
      { key: hashRecordKey(head.blockId.hash), value: u64be(height) },
      { key: HEAD_KEY, value: HeadRecord.encode(head) },
      ...txs.values(),
    ]);
    this.#head = head;
    this.#last = undefined;
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

/** From format 1: records by the hashes of headers, and of Ethereum transactions. What was written before it was cut off is written again. */
async function addHashes(db: Database): Promise<void> {
  for await (const key of db.keys({ from: utf8('b'), to: utf8('c') })) {
    const raw = db.get(key);
    if (raw === undefined) continue;
    const { header, data } = Block.decode(raw);
    const { height } = header;
    const writes: Write[] = [{ key: hashRecordKey(headerHash(header)), value: u64be(height) }];
    data.txs.forEach((tx, index) => {
      if (!isEthereumTx(tx)) return;
      const name = ethereumRecordKey(ethereumTxHash(tx));
      if (db.get(name) === undefined) writes.push({ key: name, value: TxRecord.encode({ height, index }) });
    });
    await db.write(writes);
  }
}
