import { join, resolve } from 'node:path';
import { createLightNode, type LightNode } from '@perigee/sampler';
import type { KvReading, KvReadOptions, KvStream, KvWatched } from '@perigee/sampler/kv';
import { keyText, MAX_RANGE_KEYS, PerigeeError } from '@perigee/wire';
import { aborted } from '../cli/lifetime.ts';
import type { Output } from '../cli/output.ts';
import { makeFolder } from '../files.ts';
import { withLightNode } from '../light.ts';
import type { Trust } from '../trust.ts';
import { inWords, readingObject, restsOn } from './words.ts';

export interface ReadContext {
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly home: string;
  readonly trust: Trust;
}

/** Prints a value. @throws NOT_FOUND when its absence is proved; UNPROVEN */
export async function printValue(
  stream: Uint8Array,
  key: Uint8Array,
  how: Pick<KvReadOptions, 'policy' | 'height'>,
  context: ReadContext,
): Promise<void> {
  const { output, signal } = context;
  const isKeptEnough = how.policy !== undefined && how.policy !== 'latest';
  await withStreams(isKeptEnough, context, async (node) => {
    const reading = await node.kv(stream).get(key, { ...how, signal });
    const { value, version, author } = reading;
    const rests = restsOn(reading);
    if (value === undefined) throw new PerigeeError('NOT_FOUND', `the stream has no such key: that is ${rests}`);
    output.result(readingObject(reading), [
      inWords(value),
      `version ${version}, by ${keyText(author ?? new Uint8Array())}, ${rests}`,
    ]);
  });
}

export interface PrintedRange {
  readonly prefix: Uint8Array | undefined;
  readonly from: Uint8Array | undefined;
  readonly below: Uint8Array | undefined;
  readonly reverse: boolean;
  readonly limit: number;
}

/** Prints neighbouring entries, with nothing left out between them. Each page is of the head of its time. */
export async function printRange(stream: Uint8Array, range: PrintedRange, context: ReadContext): Promise<void> {
  const { output, signal } = context;
  const { prefix, from, below, reverse, limit } = range;
  await withStreams(false, context, async (node) => {
    let left = limit;
    let last: Uint8Array | undefined;
    for (;;) {
      const page = await node.kv(stream).range({
        ...(prefix && { prefix }),
        ...(from && { from }),
        ...(below && { below }),
        ...(last && (reverse ? { below: last } : { after: last })),
        reverse,
        limit: Math.min(left, MAX_RANGE_KEYS),
        signal,
      });
      for (const entry of page.entries) output.result(readingObject(entry), [line(entry)]);
      left -= page.entries.length;
      last = page.entries.at(-1)?.key;
      if (page.complete || left <= 0 || last === undefined) {
        const count = limit - left;
        const words = page.complete ? 'and the range holds no more' : 'and there are more';
        output.progress(
          `${count} ${count === 1 ? 'entry' : 'entries'}, ${words}: proved under header ${page.height} of ${new Date(page.timeMs).toISOString()}`,
        );
        return;
      }
    }
  });
}

/** Prints changes until the signal fires, or so many have come. */
export async function printChanges(stream: Uint8Array, watched: KvWatched, count: number, context: ReadContext): Promise<void> {
  const { output, signal } = context;
  await withStreams(false, context, async (node) => {
    let left = count;
    await new Promise<void>((done) => {
      const stop = watch(node.kv(stream), watched, output, () => {
        left -= 1;
        if (left <= 0) done();
      });
      void aborted(signal).then(done);
      signal.addEventListener('abort', stop, { once: true });
    });
  });
}

function watch(stream: KvStream, watched: KvWatched, output: Output, onChange: () => void): () => void {
  const onGap = (): void => output.progress('changes may be missing up to here: nobody keeps states that far back');
  return stream.watch(
    watched,
    (reading) => {
      output.result(readingObject(reading), [line(reading)]);
      onChange();
    },
    { onGap },
  );
}

function line({ key, value, version, height }: KvReading): string {
  const what = value === undefined ? 'is not there' : `= ${inWords(value)}`;
  return `${inWords(key)} ${what}  (${version === undefined ? '' : `version ${version}, `}header ${height})`;
}

/** @param isKeptEnough what this device has may do: then no head is waited for first */
async function withStreams(isKeptEnough: boolean, { trust, home, signal }: ReadContext, use: (node: LightNode) => Promise<void>) {
  await makeFolder(home);
  const options = { ...trust, follow: false, workers: 1, store: { directory: join(resolve(home), 'kv') } };
  if (!isKeptEnough) return withLightNode(options, signal, use);
  const node = createLightNode(options);
  try {
    await node.start();
    await use(node);
  } finally {
    await node.stop();
  }
}
