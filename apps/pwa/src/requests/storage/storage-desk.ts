/** A lazy chunk: what only a page that stores or fetches files needs. */
import { ChainView } from '@perigee/light-core/da';
import { systemClock } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import {
  type ByteRange,
  createFilePool,
  download,
  ed25519Payer,
  type FileParts,
  type PutProgress,
  putFile,
  readByteRange,
  readRange,
} from '@perigee/sampler/files';
import { blobSource, idbJournal, type OpfsPlace, opfsPlace } from '@perigee/sampler/files/web';
import { type OpfsSink, opfsSink } from '@perigee/sampler/web';
import { PerigeeError, toHex } from '@perigee/wire';
import { savedName, shownText } from '../../files/names.ts';
import { saveFile } from '../../files/save-file.ts';
import { type FoundPart, type Model, NO_STORAGE, type StorageRoomView, type Transfer } from '../../model/index.ts';
import type { NodeKeeper } from '../../node-keeper.ts';
import { accountKey } from '../account.ts';
import { type Found, lookUp } from './look-up.ts';

/** Threads that hash and check. */
const WORKERS = 2;
/** Transfers in the list; those that ended longest ago go first. */
const MAX_TRANSFERS = 20;
/** The lane of nonces in which the account of this browser pays for files: publishing has another. */
const LANE = 1;

type Change = Partial<Omit<Transfer, 'id' | 'kind'>>;

/** Stores and fetches files, and says in the model what becomes of it. */
export class StorageDesk {
  readonly #model: Model;
  readonly #keeper: NodeKeeper;
  readonly #pool = createFilePool(WORKERS);
  readonly #journal = idbJournal();
  readonly #running = new Map<string, AbortController>();
  /** What was fetched, by transfer. */
  readonly #files = new Map<string, { readonly name: string; file(): Promise<File>; release(): Promise<void> }>();
  #found: Found | undefined;
  #looking = new AbortController();

  constructor(model: Model, keeper: NodeKeeper) {
    this.#model = model;
    this.#keeper = keeper;
  }

  async put(file: File, replicas: number): Promise<void> {
    const name = shownText(file.name);
    await this.#run({ kind: 'put', name, size: file.size }, async (parts, node, signal, report) => {
      const { signer } = await accountKey();
      const payer = ed25519Payer(signer, LANE);
      const onProgress = (progress: PutProgress): void => report(putChange(progress, file.size));
      const { appState } = await new ChainView(node.chain).facts(signal);
      const fund = async (address: Uint8Array, until: AbortSignal): Promise<void> => {
        report({ stage: 'fund', done: 0 });
        await node.requestFunds(address, { signal: until });
      };
      const request = {
        ...parts,
        tx: node.transactions,
        ...(appState.development ? { fund } : {}),
        journal: this.#journal,
        payer,
        source: blobSource(file),
        replicas,
        signal,
        onProgress,
      };
      const stored = await putFile(request);
      const { paid, nodes, sentBytes } = stored;
      return { root: toHex(stored.file.root), paid, nodes: nodes.length, movedBytes: sentBytes };
    });
  }

  async lookUp(text: string): Promise<void> {
    this.#looking.abort(new PerigeeError('ABORTED', 'something else was looked for'));
    this.#looking = new AbortController();
    const { signal } = this.#looking;
    this.#found = undefined;
    this.#show({ found: undefined, looking: true, problem: undefined });
    try {
      const { parts } = await this.#parts(signal);
      const found = await lookUp(parts, text, signal);
      if (signal.aborted) return;
      this.#found = found;
      this.#show({ found: found.view, looking: false });
    } catch (thrown) {
      if (!signal.aborted) this.#show({ looking: false, problem: PerigeeError.from(thrown).toObject() });
    }
  }

  async fetch(part: FoundPart): Promise<void> {
    if (this.#found === undefined) return;
    this.#show({ problem: undefined });
    try {
      await this.#fetchOf(this.#found, part);
    } catch (thrown) {
      this.#show({ problem: PerigeeError.from(thrown).toObject() }); // what was asked for is not in it
    }
  }

  async #fetchOf(found: Found, part: FoundPart): Promise<void> {
    const { file, folder, view } = found;
    const start = `perigee-${view.root.slice(0, 12)}`;
    if (part.kind === 'whole') {
      await this.#run(
        { kind: 'get', name: `${start}.bin`, root: view.root, size: file.length },
        (parts, _node, signal, report, id) => this.#fetchWhole(parts, found, signal, report, id),
      );
      return;
    }
    if (part.kind === 'range') {
      const range = readByteRange(part.text, file.length);
      const name = `${start}-${range.from}-${range.to - 1}.bin`;
      await this.#fetchPart(found, name, range.to - range.from, (parts, signal, onBytes) =>
        readRange({ ...parts, file, range, signal, onBytes }),
      );
      return;
    }
    if (folder === undefined) return;
    if (part.kind === 'path') {
      const one = folder.file(part.path);
      const range: ByteRange = { from: 0, to: one.size };
      await this.#fetchPart(found, part.path.split('/').at(-1) ?? start, one.size, (_parts, signal, onBytes) =>
        folder.read(one, range, { signal, onBytes }),
      );
      return;
    }
    const tensor = folder.tensor(part.name, part.path === '' ? undefined : part.path);
    await this.#fetchPart(found, `${part.name}.bin`, tensor.end - tensor.begin, (_parts, signal, onBytes) =>
      folder.readTensor(tensor, { signal, onBytes }),
    );
  }

  cancel(id: string): void {
    const running = this.#running.get(id);
    if (running !== undefined) running.abort(new PerigeeError('ABORTED', 'it was stopped by hand'));
    else this.#remove(id);
  }

  async save(id: string): Promise<void> {
    const kept = this.#files.get(id);
    if (kept !== undefined) saveFile(await kept.file(), savedName(kept.name, 'perigee.bin'));
  }

  /** Another chain is followed. */
  leave(): void {
    for (const running of this.#running.values()) running.abort(new PerigeeError('ABORTED', 'another chain is followed'));
    this.#looking.abort(new PerigeeError('ABORTED', 'another chain is followed'));
    this.#found = undefined;
    const { transfers } = this.#model.storage.value;
    this.#model.storage.value = { ...NO_STORAGE, transfers };
  }

  async #fetchWhole(
    parts: FileParts,
    { file, view }: Found,
    signal: AbortSignal,
    report: (change: Change) => void,
    id: string,
  ): Promise<Change> {
    const place: OpfsPlace = await opfsPlace(`${view.root}-${file.length}`);
    try {
      const got = await download({
        ...parts,
        file,
        place,
        signal,
        onProgress: ({ stage, verifiedBytes, totalBytes, bytesIn }) =>
          report({
            stage,
            bytes: verifiedBytes,
            totalBytes,
            done: verifiedBytes / totalBytes,
            verifiedBytes,
            movedBytes: bytesIn,
          }),
      });
      await place.finish();
      this.#files.set(id, {
        name: `perigee-${view.root.slice(0, 12)}.bin`,
        file: () => place.file(),
        release: () => place.remove(),
      });
      return { verifiedBytes: got.verifiedBytes, movedBytes: got.bytesIn, nodes: got.byPeer.length, canSave: true };
    } finally {
      await place.close();
    }
  }

  async #fetchPart(
    { view }: Found,
    name: string,
    total: number,
    read: (parts: FileParts, signal: AbortSignal, onBytes: (count: number) => void) => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    await this.#run(
      { kind: 'get', name: shownText(name), root: view.root, size: total },
      async (parts, _node, signal, report, id) => {
        const sink: OpfsSink = await opfsSink();
        let [bytes, movedBytes] = [0, 0];
        try {
          const onBytes = (count: number): void => {
            movedBytes += count;
          };
          for await (const piece of read(parts, signal, onBytes)) {
            bytes += piece.length;
            await sink.write(piece);
            report({
              stage: 'fetch',
              bytes,
              totalBytes: total,
              done: total === 0 ? 1 : bytes / total,
              verifiedBytes: bytes,
              movedBytes,
            });
          }
          await sink.close();
        } catch (error) {
          await sink.abort();
          throw error;
        }
        this.#files.set(id, { name, file: () => sink.file(), release: () => sink.release() });
        return { verifiedBytes: bytes, movedBytes, canSave: true };
      },
    );
  }

  async #run(
    about: Pick<Transfer, 'kind' | 'name' | 'size'> & { readonly root?: string },
    work: (
      parts: FileParts,
      node: LightNode,
      signal: AbortSignal,
      report: (change: Change) => void,
      id: string,
    ) => Promise<Change>,
  ): Promise<void> {
    const id = crypto.randomUUID();
    const controller = new AbortController();
    const { signal } = controller;
    this.#running.set(id, controller);
    this.#add({
      id,
      status: 'running',
      stage: about.kind === 'put' ? 'hash' : 'prove',
      done: 0,
      bytes: 0,
      totalBytes: about.size,
      movedBytes: 0,
      verifiedBytes: 0,
      error: undefined,
      paid: undefined,
      nodes: 0,
      canSave: false,
      ...about,
      root: about.root,
    });
    const report = (change: Change): void => {
      if (this.#running.has(id)) this.#change(id, change);
    };
    try {
      const { parts, node } = await this.#parts(signal);
      const result = await work(parts, node, signal, report, id);
      this.#change(id, { ...result, stage: 'done', done: 1, status: 'done' });
      if (about.kind === 'get') await this.save(id);
    } catch (thrown) {
      const error = PerigeeError.from(signal.aborted ? signal.reason : thrown);
      this.#change(id, { status: signal.aborted ? 'stopped' : 'failed', error: error.toObject() });
    } finally {
      this.#running.delete(id);
    }
  }

  async #parts(signal: AbortSignal): Promise<{ readonly parts: FileParts; readonly node: LightNode }> {
    const { node } = await this.#keeper.ready(signal);
    return { node, parts: { state: node.chain, storage: node.storage, pool: this.#pool, clock: systemClock } };
  }

  #add(transfer: Transfer): void {
    const transfers = [transfer, ...this.#model.storage.value.transfers];
    this.#show({ transfers });
    const last = transfers.findLast(({ id }) => !this.#running.has(id));
    if (transfers.length > MAX_TRANSFERS && last !== undefined) this.#remove(last.id);
  }

  #remove(id: string): void {
    this.#show({ transfers: this.#model.storage.value.transfers.filter((one) => one.id !== id) });
    void this.#files.get(id)?.release();
    this.#files.delete(id);
  }

  #change(id: string, change: Change): void {
    this.#show({ transfers: this.#model.storage.value.transfers.map((one) => (one.id === id ? { ...one, ...change } : one)) });
  }

  #show(change: Partial<StorageRoomView>): void {
    this.#model.storage.value = { ...this.#model.storage.value, ...change };
  }
}

function putChange({ stage, hashedBytes, storedBytes, storeBytes, sentBytes, nodes }: PutProgress, length: number): Change {
  const [bytes, totalBytes] = stage === 'hash' ? [hashedBytes, length] : [storedBytes, storeBytes];
  const finalized = nodes.filter((node) => node.finalized).length;
  return {
    stage,
    bytes,
    totalBytes,
    done: totalBytes === 0 ? 0 : Math.min(1, bytes / totalBytes),
    movedBytes: sentBytes,
    nodes: finalized,
  };
}
