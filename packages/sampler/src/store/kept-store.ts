import {
  concat,
  MAX_EVIDENCE_BYTES,
  MAX_KEPT_EVIDENCE,
  MAX_KEPT_ROWS_PER_BLOB,
  MAX_KEPT_VERDICT_BYTES,
  MAX_KEPT_VERDICTS,
  MAX_QUEUED_STORE_WRITES,
  PerigeeError,
  RowProof,
  Turn,
  u64le,
  utf8,
} from '@perigee/wire';
import type { BlobView, EvidenceView, StorageView } from '../state.ts';
import { checkFormat } from './format.ts';
import { EVIDENCE, emptyIndex, foundAt, type Index, loadIndex, ROWS, touch, VERDICT } from './kept-index.ts';
import type { KeptHeader, LightStore } from './light-store.ts';
import { rowsOf } from './rows-of.ts';
import { fileHeader, readRecords, recordOf, seal, unseal } from './seal.ts';
import type { StoreBackend } from './store-backend.ts';
import { verdictFromBytes, verdictToBytes } from './verdict.ts';

const HEADER_KEY = 'header';
const VALUE = 'value-';
const ID = /^[0-9a-z-]{1,80}$/;

export interface KeptStoreOptions {
  /** Gives the place on the device. */
  readonly open: () => Promise<StoreBackend>;
  readonly budgetBytes: number;
  /** `view` has changed. */
  readonly onChange: () => void;
}

/** Rows of one blob that wait to be written together. */
interface PendingRows {
  readonly records: Map<number, Uint8Array>;
  readonly done: Promise<boolean>;
}

/** The places of a blob's rows in its file. */
interface RowLog {
  readonly indices: Set<number>;
  /** Where the next record goes. */
  readonly bytes: number;
}

/**
 * A `LightStore` over the device's own storage. Writes follow one another; each ends with what it wrote on disk. Over the budget, or when the
 * device is full, rows go first, those used longest ago, then the oldest verdicts, then the oldest evidence.
 */
export class KeptStore implements LightStore {
  readonly #options: KeptStoreOptions;
  /** `undefined` when there is no place. */
  #backend: Promise<StoreBackend | undefined>;
  #index: Promise<Index> | undefined;
  /** As far as it is loaded. */
  #known: Index | undefined;
  #error: PerigeeError | undefined;
  readonly #turn = new Turn();
  #waiting = 0;
  #closed: Promise<void> | undefined;
  readonly #pendingRows = new Map<string, PendingRows>();
  readonly #rowLogs = new Map<string, RowLog>();

  constructor(options: KeptStoreOptions) {
    this.#options = options;
    this.#backend = this.#open();
  }

  get view(): StorageView {
    return { usedBytes: this.#used(), budgetBytes: this.#options.budgetBytes, error: this.#error?.toObject() };
  }

  get evidenceViews(): readonly EvidenceView[] {
    return [...(this.#known?.evidence.values() ?? [])].sort((a, b) => a.foundAtMs - b.foundAtMs);
  }

  async header(): Promise<KeptHeader | undefined> {
    const value = await this.#entry(HEADER_KEY);
    if (value === undefined || value.length < 8) return undefined;
    const height = Number(new DataView(value.buffer, value.byteOffset).getBigUint64(0, true));
    return { height, answer: value.slice(8) };
  }

  keepHeader({ height, answer }: KeptHeader): Promise<boolean> {
    return this.#inTurn((backend) => this.#put(backend, HEADER_KEY, concat(u64le(height), answer)));
  }

  dropHeader(): Promise<boolean> {
    return this.#inTurn((backend) => this.#put(backend, HEADER_KEY, undefined));
  }

  async verdicts(): Promise<readonly BlobView[]> {
    const { verdicts } = await this.#loaded();
    return [...verdicts.values()].sort((a, b) => foundAt(b) - foundAt(a));
  }

  keepVerdict(verdict: BlobView): Promise<boolean> {
    const bytes = verdictToBytes(verdict);
    if (bytes.length > MAX_KEPT_VERDICT_BYTES) return Promise.resolve(false);
    return this.#inTurn(async (backend, index) => {
      const { verdicts } = index;
      await this.#put(backend, VERDICT + verdict.blobId, bytes);
      verdicts.delete(verdict.blobId);
      const kept = verdictFromBytes(verdict.blobId, bytes);
      if (kept !== undefined) verdicts.set(verdict.blobId, kept);
      for (const blobId of verdicts.keys()) {
        if (verdicts.size <= MAX_KEPT_VERDICTS) break;
        await this.#dropVerdict(backend, index, blobId);
      }
    });
  }

  async rows(blobId: string): Promise<readonly RowProof[]> {
    const name = ROWS + blobId;
    const [backend, { files }] = await Promise.all([this.#backend, this.#loaded()]);
    if (backend === undefined) return [];
    try {
      await this.#pendingRows.get(blobId)?.done;
      touch(files, name);
      const file = files.has(name) ? await backend.readFile(name) : undefined;
      return file === undefined ? [] : rowsOf(name, file).rows;
    } catch (error) {
      this.#fail(error);
      return [];
    }
  }

  keepRows(blobId: string, rows: readonly RowProof[]): Promise<boolean> {
    const pending = this.#pendingRows.get(blobId);
    const records = pending?.records ?? new Map<number, Uint8Array>();
    const name = ROWS + blobId;
    // encoded now: the views lie on frames that others use
    for (const row of rows) {
      if (records.size < MAX_KEPT_ROWS_PER_BLOB) records.set(row.index, recordOf(name, RowProof.encode(row)));
    }
    if (pending !== undefined) return pending.done;
    const done = this.#inTurn((backend, index) => {
      this.#pendingRows.delete(blobId);
      return this.#addRows(backend, index, blobId, records);
    });
    this.#pendingRows.set(blobId, { records, done });
    void done.finally(() => {
      if (this.#pendingRows.get(blobId)?.done === done) this.#pendingRows.delete(blobId);
    });
    return done;
  }

  async evidence(id: string): Promise<Uint8Array> {
    const backend = await this.#backend;
    await this.#turn.idle();
    const file = ID.test(id) ? await backend?.readFile(EVIDENCE + id) : undefined;
    const [, payload] = file === undefined ? [] : readRecords(EVIDENCE + id, file).payloads;
    if (payload === undefined) throw new PerigeeError('NOT_FOUND', `there is no evidence ${id.slice(0, 80)}`);
    return payload.slice();
  }

  keepEvidence(view: EvidenceView, file: Uint8Array): Promise<boolean> {
    if (!ID.test(view.id) || file.length > MAX_EVIDENCE_BYTES) {
      throw new PerigeeError('INVALID_ARGUMENT', `evidence "${view.id.slice(0, 80)}" of ${file.length} bytes cannot be kept`);
    }
    const name = EVIDENCE + view.id;
    const bytes = concat(fileHeader(), recordOf(name, utf8(JSON.stringify(view))), recordOf(name, file));
    return this.#inTurn(async (backend, index) => {
      if (index.evidence.has(view.id)) return;
      await this.#grow(backend, index, name, 0, bytes);
      index.evidence.set(view.id, view);
      for (const id of index.evidence.keys()) {
        if (index.evidence.size <= MAX_KEPT_EVIDENCE) break;
        await this.#remove(backend, index, EVIDENCE + id);
      }
    });
  }

  value(name: string): Promise<Uint8Array | undefined> {
    return this.#entry(VALUE + name);
  }

  keepValue(name: string, bytes: Uint8Array): Promise<boolean> {
    return this.#inTurn((backend) => this.#put(backend, VALUE + name, bytes));
  }

  async changeValue(name: string, change: (value: Uint8Array | undefined) => Uint8Array): Promise<boolean> {
    const key = VALUE + name;
    let bytes = 0;
    const sealed = (held: Uint8Array | undefined): Uint8Array => {
      const value = seal(key, change(held === undefined ? undefined : unseal(key, held)));
      bytes = value.length;
      return value;
    };
    try {
      const backend = await this.#backend;
      if (backend === undefined) return false;
      await backend.change(key, sealed);
      this.#known?.entries.set(key, bytes);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const backend = await this.#backend;
    await this.#turn.idle();
    await backend?.close();
  }

  async #open(): Promise<StoreBackend | undefined> {
    let backend: StoreBackend | undefined;
    try {
      backend = await this.#options.open();
      await checkFormat(backend);
      if (!backend.writable()) {
        this.#show(new PerigeeError('STORE_LOCKED', 'another tab keeps what this one finds; it reads what was kept'));
      }
      backend.onWritable(() => {
        this.#forgetIndex();
        this.#show(undefined);
      });
      return backend;
    } catch (error) {
      this.#fail(error);
      await backend?.close().catch(() => {});
      return undefined;
    }
  }

  /** A device that was full when the store was to be opened may have room by now. */
  async #openAgain(): Promise<void> {
    if ((await this.#backend) !== undefined || this.#error?.code !== 'STORE_FULL') return;
    this.#forgetIndex();
    this.#backend = this.#open();
  }

  async #entry(key: string): Promise<Uint8Array | undefined> {
    const backend = await this.#backend;
    try {
      const sealed = await backend?.get(key);
      return sealed === undefined ? undefined : unseal(key, sealed);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #loaded(): Promise<Index> {
    this.#index ??= this.#load().then(
      (index) => {
        this.#known = index;
        this.#options.onChange();
        return index;
      },
      (error) => {
        this.#forgetIndex(); // the next question tries again
        this.#fail(error);
        return emptyIndex();
      },
    );
    return this.#index;
  }

  async #load(): Promise<Index> {
    const backend = await this.#backend;
    return backend === undefined ? emptyIndex() : loadIndex(backend);
  }

  #forgetIndex(): void {
    this.#index = undefined;
    this.#known = undefined;
    this.#rowLogs.clear();
  }

  async #addRows(backend: StoreBackend, index: Index, blobId: string, records: ReadonlyMap<number, Uint8Array>): Promise<void> {
    const name = ROWS + blobId;
    const log = await this.#rowLog(backend, index, blobId);
    const fresh = [...records]
      .filter(([row]) => !log.indices.has(row))
      .slice(0, Math.max(0, MAX_KEPT_ROWS_PER_BLOB - log.indices.size));
    if (fresh.length === 0) return touch(index.files, name);
    const bytes = concat(...(log.bytes === 0 ? [fileHeader()] : []), ...fresh.map(([, record]) => record));
    this.#rowLogs.delete(blobId); // after a failure the file itself is asked
    await this.#grow(backend, index, name, log.bytes, bytes);
    const indices = new Set([...log.indices, ...fresh.map(([row]) => row)]);
    this.#rowLogs.set(blobId, { indices, bytes: log.bytes + bytes.length });
  }

  async #rowLog(backend: StoreBackend, { files }: Index, blobId: string): Promise<RowLog> {
    const name = ROWS + blobId;
    const known = this.#rowLogs.get(blobId);
    if (known !== undefined) return known;
    const file = files.has(name) ? await backend.readFile(name) : undefined;
    const { rows, bytes } = file === undefined ? { rows: [], bytes: 0 } : rowsOf(name, file);
    return { indices: new Set(rows.map(({ index }) => index)), bytes };
  }

  async #put(backend: StoreBackend, key: string, value: Uint8Array | undefined): Promise<void> {
    const { entries } = await this.#loaded();
    const sealed = value === undefined ? undefined : seal(key, value);
    await this.#withRoom(backend, sealed?.length ?? 0, () => backend.write(new Map([[key, sealed]])));
    if (sealed === undefined) entries.delete(key);
    else entries.set(key, sealed.length);
  }

  /** Writes at the end of a file. */
  async #grow(backend: StoreBackend, { files }: Index, name: string, at: number, bytes: Uint8Array): Promise<void> {
    touch(files, name);
    await this.#withRoom(backend, bytes.length, () => backend.writeFile(name, at, bytes), name);
    files.delete(name);
    files.set(name, at + bytes.length);
  }

  async #remove(backend: StoreBackend, index: Index, name: string): Promise<void> {
    await backend.removeFile(name);
    index.files.delete(name);
    if (name.startsWith(EVIDENCE)) index.evidence.delete(name.slice(EVIDENCE.length));
    else this.#rowLogs.delete(name.slice(ROWS.length));
  }

  /** Writes `bytes` more, after as much has gone as the budget asks, and again after more has gone when the device is full. */
  async #withRoom(backend: StoreBackend, bytes: number, write: () => Promise<void>, except?: string): Promise<void> {
    const index = await this.#loaded();
    const { budgetBytes } = this.#options;
    while (this.#used() + bytes > budgetBytes) {
      if (await this.#evict(backend, index, except)) continue;
      throw new PerigeeError('STORE_FULL', `${bytes} bytes more would exceed the ${budgetBytes} that may be kept`);
    }
    for (;;) {
      try {
        return await write();
      } catch (error) {
        const isFull = PerigeeError.from(error).code === 'STORE_FULL';
        if (!isFull || !(await this.#evict(backend, index, except, isFull))) throw error;
      }
    }
  }

  /** What can be found again most easily goes first. @returns whether something went */
  async #evict(backend: StoreBackend, index: Index, except: string | undefined, isFull = false): Promise<boolean> {
    const names = [...index.files.keys()].filter((name) => name !== except);
    const rows = names.find((name) => name.startsWith(ROWS));
    const [oldest] = index.verdicts.keys();
    const verdict = isFull ? undefined : oldest; // a full device has no room to write that it is gone
    const [evidence] = names;
    if (rows !== undefined) await this.#remove(backend, index, rows);
    else if (verdict !== undefined) await this.#dropVerdict(backend, index, verdict);
    else if (evidence !== undefined) await this.#remove(backend, index, evidence);
    else return false;
    return true;
  }

  async #dropVerdict(backend: StoreBackend, { entries, verdicts }: Index, blobId: string): Promise<void> {
    const key = VERDICT + blobId;
    await backend.write(new Map([[key, undefined]]));
    entries.delete(key);
    verdicts.delete(blobId);
  }

  #used(): number {
    const { files = new Map<string, number>(), entries = new Map<string, number>() } = this.#known ?? {};
    return [...files.values(), ...entries.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Runs a write after those before it. Never rejects: what failed is in `view`. */
  #inTurn(job: (backend: StoreBackend, index: Index) => Promise<void>): Promise<boolean> {
    if (this.#waiting >= MAX_QUEUED_STORE_WRITES) return Promise.resolve(false);
    this.#waiting++;
    return this.#turn.take(async () => {
      try {
        await this.#openAgain();
        const [backend, index] = await Promise.all([this.#backend, this.#loaded()]);
        if (backend === undefined || !backend.writable()) return false;
        await job(backend, index);
        this.#show(undefined);
        return true;
      } catch (error) {
        this.#fail(error);
        return false;
      } finally {
        this.#waiting--;
      }
    });
  }

  #fail(error: unknown): void {
    this.#show(PerigeeError.from(error));
  }

  #show(error: PerigeeError | undefined): void {
    this.#error = error;
    this.#options.onChange();
  }
}
