/** A chain that keeps streams, and what its state says of them. */
import {
  encodeStreamData,
  entryKey,
  type KvWrite,
  LATEST_VERSION,
  resultKey,
  type StreamData,
  tagsOf,
} from '@perigee/light-core/kv';
import { KV_POOL, STORE } from '@perigee/light-core/state';
import { fileTreeOf, nobleFileHash, submissionOf } from '@perigee/light-core/storage';
import { KvEntry, type KvOutcome, KvResult, SubmitResults, utf8 } from '@perigee/wire';
import type { TxResult } from '../../../src/application/index.ts';
import type { GenesisOptions } from '../../../src/index.ts';
import { readAccount } from '../../../src/machine/accounts.ts';
import { addressOf, BALANCE } from '../../devnet.ts';
import { Storing, storingGenesis, submitsOf } from '../storage/files.ts';

export const DEPOSIT = 5n;
export const STREAM = new Uint8Array(32).fill(0xf2);

export function streamingGenesis(change: Partial<GenesisOptions> = {}) {
  const accounts = ['alice', 'bob', 'carol'].map((name) => ({ address: addressOf(name), balance: BALANCE }));
  return storingGenesis({ kv: { depositPerByte: DEPOSIT }, accounts, ...change });
}

export function write(key: string, value: string, stream = STREAM): KvWrite {
  return { stream, key: utf8(key), value: utf8(value) };
}

export function dataOf(data: Partial<StreamData>): Uint8Array {
  return encodeStreamData({ version: LATEST_VERSION, reads: [], writes: [], controls: [], ...data });
}

export function outcomeOf({ data }: TxResult): KvOutcome | undefined {
  return SubmitResults.decodeCanonical(data).writes[0];
}

export class Streaming {
  readonly storing: Storing;

  private constructor(storing: Storing) {
    this.storing = storing;
  }

  static async begin(genesis = streamingGenesis(), dir?: string): Promise<Streaming> {
    return new Streaming(await Storing.begin(genesis, dir));
  }

  get chain(): Storing['chain'] {
    return this.storing.chain;
  }

  /** Write at once. */
  async set(from: string, data: Uint8Array, streams: readonly Uint8Array[] = [STREAM]): Promise<TxResult> {
    return this.storing.send(from, [{ kvSet: { streams, data } }]);
  }

  /** Submit data as a file, as a client of 0G does. @returns its number */
  async submit(from: string, data: Uint8Array, streams: readonly Uint8Array[] = [STREAM]): Promise<number> {
    const submission = submissionOf(fileTreeOf(data, nobleFileHash), tagsOf(streams));
    const result = await this.storing.submit(submission, BALANCE / 4n, from);
    const [submitted] = result.code === 0 ? submitsOf(result) : [];
    if (submitted === undefined) throw new Error(result.log);
    return submitted.txSeq;
  }

  async bring(from: string, txSeq: number, data: Uint8Array): Promise<TxResult> {
    return this.storing.send(from, [{ kvApply: { txSeq, data } }]);
  }

  result(txSeq: number): string | undefined {
    const raw = this.chain.value(STORE.kv, resultKey(txSeq));
    return raw && KvResult.decodeCanonical(raw).result;
  }

  entry(key: string, stream = STREAM): KvEntry | undefined {
    const raw = this.chain.value(STORE.kv, entryKey(stream, utf8(key)));
    return raw && KvEntry.decodeCanonical(raw);
  }

  value(key: string, stream = STREAM): string | undefined {
    const entry = this.entry(key, stream);
    return entry && Buffer.from(entry.value).toString();
  }

  get pool(): bigint {
    return readAccount({ get: this.chain.value }, KV_POOL)?.balance ?? 0n;
  }

  balance(name: string): bigint {
    return this.chain.account(name).balance;
  }

  close(): Promise<void> {
    return this.chain.machine.close();
  }
}
