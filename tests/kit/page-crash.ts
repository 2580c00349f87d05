/**
 * Kills tabs inside the writes of a light node's store. What the page calls to write is wrapped: before each step it asks this process, in a request
 * that its thread waits for, and where the answer says so it does a part of the step and asks again. That second question is never answered; the
 * process of the tab is killed while its thread waits, so the kill falls inside the write.
 */
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page, Worker } from 'playwright-core';
import type { TestBrowser } from './chromium.ts';
import type { Random } from './random.ts';

/** Of a file: cut to where the write begins, bytes partly written, written and not flushed. Of a value: given to the database, told to commit. */
export type WritePoint = 'truncate' | 'write' | 'flush' | 'put' | 'commit';

export interface PageCrash {
  readonly point: WritePoint;
  /** Key of the value, or name of the file. */
  readonly name: string;
  /** Of a file: where its write began. */
  readonly at: number;
  /** Of `write`: bytes that were written, of how many. */
  readonly written: number;
  readonly length: number;
}

/** What the store holds, read past the program that wrote it. */
export interface Stored {
  readonly values: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, Buffer>;
}

interface Wanted {
  readonly points: readonly WritePoint[];
  readonly prefix: string;
  readonly share: number;
  skip: number;
  readonly resolve: (crash: PageCrash) => void;
}

/** What the page says. Bytes are in base64. */
type Mark =
  | { readonly kind: 'ask'; readonly point: WritePoint; readonly name: string; readonly at: number; readonly length: number }
  | { readonly kind: 'held'; readonly crash: PageCrash }
  | { readonly kind: 'putting' | 'valueKept'; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'fileKept'; readonly name: string; readonly at: number; readonly bytes: string }
  | { readonly kind: 'removing'; readonly name: string };

const MARK_PATH = '/perigee-test-mark';
const STORE_WORKER = 'perigee-store';

/** Watches, and when it is told to ends, what the pages of a browser write. */
export class PageCrashes {
  readonly #browser: TestBrowser;
  #wanted: Wanted | undefined;
  /** By key: what was said to be kept, and what was begun since. */
  readonly #values = new Map<string, { kept: string | undefined; begun: (string | undefined)[] }>();
  /** By name: pieces that were said to be kept; those of the first moments, before a worker was followed, are not known. */
  readonly #files = new Map<string, readonly { readonly at: number; readonly bytes: Buffer }[]>();
  /** Writes that the store was told are on the device. */
  kept = 0;

  private constructor(browser: TestBrowser) {
    this.#browser = browser;
  }

  static async watch(browser: TestBrowser): Promise<PageCrashes> {
    const crashes = new PageCrashes(browser);
    const { context } = browser;
    await context.route(`**${MARK_PATH}`, async (route) => {
      const answer = crashes.#hear(route.request().postDataJSON() as Mark);
      if (answer !== undefined) await route.fulfill({ json: answer });
    });
    await context.addInitScript(wrapWrites, [MARK_PATH, STORE_WORKER] as const);
    return crashes;
  }

  /** Wraps what workers of this page call; those of a page are found only when they run. */
  follow(page: Page): void {
    page.on('worker', (worker: Worker) => {
      worker.evaluate(wrapWrites, [MARK_PATH, STORE_WORKER] as const).catch(() => {}); // it ended with its page
    });
  }

  /** Resolves when a thread of the page stands inside one of such steps, the `skip`-th after this call, for good. */
  hold(points: readonly WritePoint[], random: Random, { prefix = '', skip = 0 } = {}): Promise<PageCrash> {
    return new Promise((resolve) => {
      this.#wanted = { points, prefix, skip, share: random.u32() / 2 ** 32, resolve };
    });
  }

  /** Takes the next of such steps, of whatever name, where the one that is waited for does not come. */
  widen(points: readonly WritePoint[]): void {
    if (this.#wanted !== undefined) this.#wanted = { ...this.#wanted, points, prefix: '', skip: 0 };
  }

  /** SIGKILL to the process of every tab. */
  async killTabs(page: Page): Promise<void> {
    const ended = new Promise((resolve) => page.once('crash', resolve));
    const session = await browserOf(this.#browser.context).newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    for (const { type, id } of processInfo) if (type === 'renderer') process.kill(id, 'SIGKILL');
    await session.detach();
    await ended;
    await page.close();
  }

  /**
   * Cuts the file that the crash left, on the disk.
   *
   * @param least bytes that stay at least
   */
  cut({ at, written }: PageCrash, random: Random, least: number): { readonly from: number; readonly to: number } {
    const size = at + written;
    const found = opfsFiles(this.#browser.profile).find((file) => file.size === size);
    if (found === undefined) throw new Error(`no file of ${size} bytes is in ${this.#browser.profile}`);
    const to = random.between(Math.min(least, size), size);
    truncateSync(found.path, to);
    return { from: size, to };
  }

  /** Everything that the store said to have kept and that is not there, in words. */
  lost({ values, files }: Stored): string[] {
    const lost: string[] = [];
    for (const [key, { kept, begun }] of this.#values) {
      const value = values.get(key);
      if (value !== kept && !begun.includes(value)) lost.push(`value ${key}: ${value === undefined ? 'gone' : 'another'}`);
    }
    for (const [name, pieces] of this.#files) {
      const file = files.get(name);
      const isThere = pieces.every(({ at, bytes }) => file?.subarray(at, at + bytes.length).equals(bytes));
      if (!isThere) lost.push(`file ${name}: ${file === undefined ? 'gone' : 'not all'}`);
    }
    return lost;
  }

  /** From now on what is there counts as kept. */
  take({ values, files }: Stored, torn?: string): void {
    this.#values.clear();
    for (const [key, kept] of values) this.#values.set(key, { kept, begun: [] });
    for (const name of this.#files.keys()) if (!files.has(name) || name === torn) this.#files.delete(name);
  }

  #hear(mark: Mark): { readonly hold: boolean; readonly share: number } | undefined {
    const goOn = { hold: false, share: 0 };
    switch (mark.kind) {
      case 'ask': {
        const wanted = this.#wanted;
        if (wanted === undefined || !wanted.points.includes(mark.point) || !mark.name.startsWith(wanted.prefix)) return goOn;
        if (wanted.skip-- > 0) return goOn;
        return { hold: true, share: wanted.share };
      }
      case 'held':
        this.#wanted?.resolve(mark.crash);
        this.#wanted = undefined;
        return undefined;
      case 'putting':
        this.#valueOf(mark.name).begun.push(mark.value);
        return goOn;
      case 'valueKept': {
        const value = this.#valueOf(mark.name);
        value.begun.splice(0, value.begun.indexOf(mark.value) + 1);
        value.kept = mark.value;
        this.kept++;
        return goOn;
      }
      case 'fileKept': {
        const before = (this.#files.get(mark.name) ?? []).filter(({ at, bytes }) => at + bytes.length <= mark.at);
        this.#files.set(mark.name, [...before, { at: mark.at, bytes: Buffer.from(mark.bytes, 'base64') }]);
        this.kept++;
        return goOn;
      }
      case 'removing':
        this.#files.delete(mark.name);
        return goOn;
    }
  }

  #valueOf(key: string): { kept: string | undefined; begun: (string | undefined)[] } {
    const value = this.#values.get(key) ?? { kept: undefined, begun: [] };
    this.#values.set(key, value);
    return value;
  }
}

/** Reads what light nodes keep for this origin. @param page shows any document of the origin but the program */
export async function readStored(page: Page): Promise<Stored> {
  const { values, files } = await page.evaluate(async () => {
    const base64 = (bytes: Uint8Array): string => {
      let text = '';
      for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
      return btoa(text);
    };
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const values: [string, string][] = [];
    for (const { name = '' } of await indexedDB.databases()) {
      if (!name.startsWith('perigee-light-')) continue;
      const database = await done(indexedDB.open(name));
      if (database.objectStoreNames.contains('values')) {
        const store = database.transaction('values').objectStore('values');
        const [keys, all] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
        for (const [i, key] of keys.entries()) values.push([String(key), base64(all[i])]);
      }
      database.close();
    }
    const files: [string, string][] = [];
    const root = await navigator.storage.getDirectory();
    const kept = await root.getDirectoryHandle('perigee-light', { create: true });
    for await (const chain of kept.values()) {
      if (chain.kind !== 'directory') continue;
      for await (const file of (chain as FileSystemDirectoryHandle).values()) {
        const bytes = await (await (file as FileSystemFileHandle).getFile()).arrayBuffer();
        files.push([file.name, base64(new Uint8Array(bytes))]);
      }
    }
    return { values, files };
  });
  return { values: new Map(values), files: new Map(files.map(([name, bytes]) => [name, Buffer.from(bytes, 'base64')])) };
}

function browserOf(context: BrowserContext) {
  const browser = context.browser();
  if (browser === null) throw new Error('this browser does not tell of its processes');
  return browser;
}

/** Files of origins' private file systems in a profile, the one written last first. */
function opfsFiles(profile: string): { readonly path: string; readonly size: number }[] {
  return readdirSync(join(profile, 'Default', 'File System'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^\d{8}$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, stat: statSync(path) }))
    .sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs)
    .map(({ path, stat }) => ({ path, size: stat.size }));
}

/** Runs in the page and in its workers, and refers to nothing outside itself. */
function wrapWrites([markPath, storeWorker]: readonly [string, string]): void {
  interface SyncHandle {
    write(bytes: Uint8Array, options: { at: number }): number;
    truncate(size: number): void;
    flush(): void;
  }
  interface Write {
    readonly at: number;
    readonly bytes: Uint8Array;
  }
  const scope = globalThis as unknown as { readonly name?: string; FileSystemSyncAccessHandle?: { prototype: SyncHandle } };

  function say(mark: object): { readonly hold: boolean; readonly share: number } {
    const request = new XMLHttpRequest();
    request.open('POST', markPath, false);
    request.send(JSON.stringify(mark));
    return JSON.parse(request.responseText);
  }
  function base64(bytes: Uint8Array): string {
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  }
  /** Does a step of a write, or a part of it and nothing more ever. */
  function step<T>(
    place: { point: string; name: string; at: number; length: number },
    whole: () => T,
    part: (share: number) => number,
  ): T {
    const { hold, share } = say({ kind: 'ask', ...place });
    if (!hold) return whole();
    const written = part(share);
    for (;;) say({ kind: 'held', crash: { ...place, written } });
  }

  if (scope.FileSystemSyncAccessHandle !== undefined) {
    if (scope.name !== storeWorker) return;
    const names = new WeakMap<SyncHandle, string>();
    const writes = new WeakMap<SyncHandle, Write[]>();
    const create = FileSystemFileHandle.prototype as unknown as { createSyncAccessHandle(): Promise<SyncHandle> };
    const { createSyncAccessHandle } = create;
    create.createSyncAccessHandle = async function (this: FileSystemFileHandle) {
      const handle = await createSyncAccessHandle.call(this);
      names.set(handle, this.name);
      return handle;
    };
    const { prototype } = scope.FileSystemSyncAccessHandle;
    const { write, truncate, flush } = prototype;
    const nameOf = (handle: SyncHandle): string => names.get(handle) ?? '';
    prototype.truncate = function (size) {
      const place = { point: 'truncate', name: nameOf(this), at: size, length: 0 };
      const cut = (): number => {
        truncate.call(this, size);
        return 0;
      };
      step(place, cut, cut);
    };
    prototype.write = function (bytes, { at }) {
      const place = { point: 'write', name: nameOf(this), at, length: bytes.length };
      const some = (share: number): number => write.call(this, bytes.subarray(0, Math.floor(share * bytes.length)), { at });
      const written = step(place, () => write.call(this, bytes, { at }), some);
      writes.set(this, [...(writes.get(this) ?? []), { at, bytes: bytes.slice(0, written) }]);
      return written;
    };
    prototype.flush = function () {
      const done = writes.get(this) ?? [];
      const length = done.reduce((sum, { bytes }) => sum + bytes.length, 0);
      step(
        { point: 'flush', name: nameOf(this), at: done[0]?.at ?? 0, length },
        () => flush.call(this),
        () => length,
      );
      for (const { at, bytes } of done) say({ kind: 'fileKept', name: nameOf(this), at, bytes: base64(bytes) });
      writes.delete(this);
    };
    const { removeEntry } = FileSystemDirectoryHandle.prototype;
    FileSystemDirectoryHandle.prototype.removeEntry = function (name, options) {
      say({ kind: 'removing', name });
      return removeEntry.call(this, name, options);
    };
    return;
  }
  const store = IDBObjectStore.prototype;
  const { put, delete: remove } = store;
  const isOurs = ({ transaction }: IDBObjectStore): boolean => transaction.db.name.startsWith('perigee-light-');
  const change = (on: IDBObjectStore, key: string, value: string | undefined, make: () => IDBRequest): IDBRequest => {
    say({ kind: 'putting', name: key, value });
    const given = (): number => {
      make();
      return 0;
    };
    const request = step({ point: 'put', name: key, at: 0, length: value?.length ?? 0 }, make, given);
    const { transaction } = on;
    const commit = (): number => {
      transaction.commit();
      return 0;
    };
    step({ point: 'commit', name: key, at: 0, length: 0 }, () => {}, commit);
    transaction.addEventListener('complete', () => say({ kind: 'valueKept', name: key, value }));
    return request;
  };
  store.put = function (value, key) {
    if (!isOurs(this)) return put.call(this, value, key);
    return change(this, String(key), base64(value), () => put.call(this, value, key)) as IDBRequest<IDBValidKey>;
  };
  store.delete = function (key) {
    if (!isOurs(this)) return remove.call(this, key);
    return change(this, String(key), undefined, () => remove.call(this, key)) as IDBRequest<undefined>;
  };
}
