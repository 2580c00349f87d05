/** A lazy chunk: what only a page that looks into streams needs. */
import type { LightNode } from '@perigee/sampler';
import type { KvReading, KvStream } from '@perigee/sampler/kv';
import { fromHex, fromUtf8, MAX_KV_KEY_BYTES, MAX_KV_VALUE_BYTES, PerigeeError, toHex, utf8 } from '@perigee/wire';
import { shownText } from '../../files/names.ts';
import { type Model, NO_STREAM, type StreamEntry, type StreamsView } from '../../model/index.ts';
import type { NodeKeeper } from '../../node-keeper.ts';
import type { KeptSessions } from '../wallet/kept-session.ts';
import { writeEntry } from './write-entry.ts';

/** Entries of a page of the list. */
const PAGE = 50;
/** What the list shows of a value, characters; what a form takes of it is all. */
const SHOWN_CHARACTERS = 400;
/** The list is proved anew when its header is so old, milliseconds. */
const ANEW_AFTER_MS = 10_000;
/** Entries that are shown at once. */
const MAX_SHOWN = 1_000;
/** Held while a value is written: all tabs share an account, whose transactions are numbered. */
const WRITE_LOCK = 'perigee/streams/write';

interface Opened {
  readonly id: Uint8Array;
  /** Of the node of now: one that failed is made anew. */
  stream: KvStream | undefined;
  readonly stop: AbortController;
  /** Entries that were asked for, page by page. */
  wanted: number;
  isListing: boolean;
}

/** Looks into a stream and writes to it, and says in the model what comes of it. */
export class StreamsDesk {
  readonly #model: Model;
  readonly #keeper: NodeKeeper;
  readonly #sessions: KeptSessions;
  #opened: Opened | undefined;

  constructor(model: Model, keeper: NodeKeeper, sessions: KeptSessions) {
    this.#model = model;
    this.#keeper = keeper;
    this.#sessions = sessions;
    // a node that starts again, also after another tab had the lead, knows nothing of what was followed before
    model.startedAt.subscribe(() => this.#openAgain());
    let hadLead = model.isLeading.peek();
    model.isLeading.subscribe((leads) => {
      if (leads && !hadLead && this.#opened?.stream !== undefined) this.#openAgain();
      hadLead = leads;
    });
  }

  #openAgain(): void {
    if (this.#opened !== undefined) void this.open(toHex(this.#opened.id));
  }

  /** Shows what this device keeps of a stream at once, then all that is proved, and follows it. @param text 64 hexadecimal digits */
  async open(text: string): Promise<void> {
    this.leave();
    const id = readStream(text.trim());
    if (id === undefined) {
      const words = 'a stream is named by 64 hexadecimal digits';
      this.#show({ problem: new PerigeeError('INVALID_ARGUMENT', words).toObject() });
      return;
    }
    const opened: Opened = { id, stream: undefined, stop: new AbortController(), wanted: PAGE, isListing: false };
    this.#opened = opened;
    this.#show({ stream: toHex(id), doing: 'open' });
    try {
      opened.stream = this.#keeper.node().kv(id);
      const kept = await opened.stream.kept(PAGE);
      if (this.#opened !== opened) return;
      this.#show({ entries: kept.filter(({ value }) => value !== undefined).map(entryOf) });
    } catch {
      // no node is there yet, and what is proved comes in any case
    }
    await this.#follow(opened).catch((thrown) => this.#failed(opened, thrown));
  }

  /** Proves the list, and from then on what changes in it. @throws what keeps the node from running, ABORTED */
  async #follow(opened: Opened): Promise<void> {
    const { signal } = opened.stop;
    let node: LightNode | undefined;
    while (node === undefined) {
      try {
        node = (await this.#keeper.ready(signal)).node;
      } catch (thrown) {
        if (signal.aborted) return;
        const { code } = PerigeeError.from(thrown);
        this.#failed(opened, thrown);
        if (code !== 'TIMEOUT') return; // a node that starts again opens the stream again
      }
    }
    if (signal.aborted) return;
    const stream = node.kv(opened.id);
    opened.stream = stream;
    const off = node.chain.onHead(() => {
      const { provedAt } = this.#model.streams.value;
      if (provedAt === undefined || Date.now() - provedAt.timeMs > ANEW_AFTER_MS) void this.#list(opened);
    });
    signal.addEventListener('abort', off, { once: true });
    await this.#list(opened);
    if (signal.aborted) return;
    const { provedAt } = this.#model.streams.value;
    const stop = stream.watch({ prefix: new Uint8Array(0) }, (reading) => this.#changed(opened, reading), {
      ...(provedAt === undefined ? {} : { since: provedAt.height }),
      onGap: () => void this.#list(opened),
    });
    signal.addEventListener('abort', stop, { once: true });
  }

  /** A stream that nobody has written to yet: whoever does so first owns it. */
  openNew(): Promise<void> {
    return this.open(toHex(crypto.getRandomValues(new Uint8Array(32))));
  }

  async more(): Promise<void> {
    if (this.#opened === undefined) return;
    this.#opened.wanted = Math.min(MAX_SHOWN, this.#opened.wanted + PAGE);
    this.#show({ doing: 'more' });
    await this.#list(this.#opened);
  }

  /** Reads one value again. @param isLatest proved anew; else what is there will do */
  async read(key: string, isLatest: boolean): Promise<void> {
    const opened = this.#opened;
    if (opened?.stream === undefined) return;
    this.#show({ doing: 'read', problem: undefined, read: undefined });
    try {
      const startedAt = performance.now();
      const policy = isLatest ? 'latest' : 'cached';
      const reading = await opened.stream.get(fromHex(key), { policy, signal: opened.stop.signal });
      const tookMs = performance.now() - startedAt;
      if (this.#opened !== opened) return;
      const { source, height, timeMs, proof, value } = reading;
      this.#put(reading);
      this.#show({
        doing: undefined,
        read: { key, name: nameOf(reading.key), source, tookMs, height, timeMs, proof, isThere: value !== undefined },
      });
    } catch (thrown) {
      this.#failed(opened, thrown);
    }
  }

  /** @param value empty: the key is deleted */
  async write(keyText: string, valueText: string): Promise<void> {
    const opened = this.#opened;
    if (opened === undefined) return;
    const { signal } = opened.stop;
    this.#show({ doing: 'write', problem: undefined, wrote: undefined });
    try {
      const [key, value] = [bytesOf(keyText), utf8(valueText)];
      if (key.length === 0 || key.length > MAX_KV_KEY_BYTES)
        throw wrong(`a key has 1 to ${MAX_KV_KEY_BYTES} bytes, not ${key.length}`);
      if (value.length > MAX_KV_VALUE_BYTES) throw wrong(`a value has at most ${MAX_KV_VALUE_BYTES} bytes, not ${value.length}`);
      const { node } = await this.#keeper.ready(signal);
      const wrote = await navigator.locks.request(WRITE_LOCK, { signal }, () =>
        writeEntry({ node, sessions: this.#sessions, stream: opened.id, key, value, signal }),
      );
      if (this.#opened === opened) this.#show({ doing: undefined, wrote });
    } catch (thrown) {
      this.#failed(opened, thrown);
    }
  }

  /** Another stream, or another chain. */
  leave(): void {
    this.#opened?.stop.abort(new PerigeeError('ABORTED', 'something else is looked at'));
    this.#opened = undefined;
    this.#model.streams.value = NO_STREAM;
  }

  /** The text of a value as it can be changed; `undefined` where it is no text. */
  async textOf(key: string): Promise<string | undefined> {
    const reading = await this.#opened?.stream?.get(fromHex(key), { policy: 'cached' });
    return reading?.value === undefined ? undefined : textIn(reading.value);
  }

  /** Proves the list anew, one time at once. */
  async #list(opened: Opened): Promise<void> {
    const { stream } = opened;
    if (stream === undefined || opened.isListing || this.#opened !== opened) return;
    opened.isListing = true;
    const { signal } = opened.stop;
    try {
      const entries: StreamEntry[] = [];
      for (let after: Uint8Array | undefined; ; ) {
        const page = await stream.range({ ...(after && { after }), limit: opened.wanted - entries.length, signal });
        entries.push(...page.entries.map(entryOf));
        after = page.entries.at(-1)?.key;
        if (!page.complete && after !== undefined && entries.length < opened.wanted) continue;
        const { height, timeMs, proof } = page;
        const { doing, problem } = this.#model.streams.value;
        const isDone = doing === 'open' || doing === 'more';
        this.#show({
          entries,
          hasMore: !page.complete && entries.length < MAX_SHOWN,
          provedAt: { height, timeMs, proof },
          ...(isDone ? { doing: undefined } : {}),
          ...(problem?.code === 'UNPROVEN' ? { problem: undefined } : {}),
        });
        return;
      }
    } catch (thrown) {
      this.#failed(opened, thrown);
    } finally {
      opened.isListing = false;
    }
  }

  /** What was told by a subscription, proved. */
  #changed(opened: Opened, reading: KvReading): void {
    if (this.#opened === opened) this.#put(reading);
  }

  #put(reading: KvReading): void {
    const { entries, hasMore } = this.#model.streams.value;
    const entry = entryOf(reading);
    const others = entries.filter(({ key }) => key !== entry.key);
    const last = entries.at(-1)?.key;
    // beyond the last one shown there may be others before it
    const belongs = reading.value !== undefined && (!hasMore || last === undefined || entry.key <= last);
    const sorted = belongs ? [...others, entry].sort((a, b) => (a.key < b.key ? -1 : 1)) : others;
    this.#show({ entries: sorted.slice(0, MAX_SHOWN) });
  }

  #failed(opened: Opened, thrown: unknown): void {
    if (this.#opened !== opened) return;
    this.#show({ doing: undefined, problem: PerigeeError.from(thrown).toObject() });
  }

  #show(change: Partial<StreamsView>): void {
    this.#model.streams.value = { ...this.#model.streams.value, ...change };
  }
}

function entryOf({ key, value, version, author, height, timeMs, source }: KvReading): StreamEntry {
  const bytes = value ?? new Uint8Array(0);
  const text = beginningOf(bytes, 4 * SHOWN_CHARACTERS);
  return {
    key: toHex(key),
    name: nameOf(key),
    value:
      text === undefined
        ? `0x${toHex(bytes.subarray(0, SHOWN_CHARACTERS / 4))}`
        : shownText(text.replace(/[\r\n\t]+/g, ' '), SHOWN_CHARACTERS),
    isText: text !== undefined,
    bytes: bytes.length,
    version,
    author: author && toHex(author),
    height,
    timeMs,
    source,
  };
}

/** As it is shown, and can be typed again. */
function nameOf(key: Uint8Array): string {
  const text = textIn(key);
  return text !== undefined && shownText(text, key.length) === text && !text.startsWith('0x') ? text : `0x${toHex(key)}`;
}

function bytesOf(text: string): Uint8Array {
  return /^0x([0-9a-fA-F]{2})+$/.test(text) ? fromHex(text) : utf8(text);
}

/** `undefined` for what is no text. */
function textIn(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes);
  } catch {
    return undefined;
  }
}

/** The beginning of a text: of the character in which it was cut nothing stays. */
function beginningOf(bytes: Uint8Array, length: number): string | undefined {
  if (bytes.length <= length) return textIn(bytes);
  const ends = [0, 1, 2, 3].map((cut) => bytes.subarray(0, length - cut));
  return ends.map(textIn).find((text) => text !== undefined);
}

function readStream(text: string): Uint8Array | undefined {
  try {
    return fromHex(text, 32);
  } catch {
    return undefined;
  }
}

function wrong(words: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', words);
}
