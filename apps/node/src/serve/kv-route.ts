import { HttpError, type HttpRequest, type HttpStream } from '@perigee/net/http';
import type { LightNode } from '@perigee/sampler';
import type { KvPolicy, KvRangeOptions, KvReading, KvReadOptions, KvWatched } from '@perigee/sampler/kv';
import { MAX_RANGE_KEYS, PerigeeError } from '@perigee/wire';
import { readingObject, readKey, readStream } from '../streams/words.ts';
import { jsonAnswer, type Route } from './light-server.ts';
import { refusalOf } from './refusal.ts';

/** Changes that wait for a client who reads slowly: past it the answer ends, and the client reads anew. */
const MAX_WAITING = 4_096;
/** Watches that are served at once. */
const MAX_WATCHES = 64;
/** So often something is said where nothing changes, milliseconds: a silent connection is closed. */
const STILL_THERE_MS = 10_000;

/** `/kv/STREAM/KEY`, `/kv/STREAM`, each also `?watch=1`. */
export function answerKv(node: LightNode): Route {
  let watches = 0;
  return async (request, [streamText = '', keyText, ...rest]) => {
    const { url, signal, headers } = request;
    if (rest.length > 0) throw new HttpError(404, 'a key with a slash in it is written with %2F');
    const stream = node.kv(readStream(streamText));
    const query = url.searchParams;
    const key = keyText === undefined || keyText === '' ? undefined : readKey(keyText);
    if (query.get('watch') === '1') {
      if (watches >= MAX_WATCHES) throw new HttpError(503, `${MAX_WATCHES} watches are served already`);
      watches++;
      const watched: KvWatched = key === undefined ? { prefix: keyOf(query, 'prefix') ?? new Uint8Array(0) } : { key };
      const since = numberOf(query, 'since');
      return eventsOf(request, (listener, onGap) => {
        const stop = stream.watch(watched, listener, { onGap, ...(since === undefined ? {} : { since }) });
        return () => {
          watches--;
          stop();
        };
      });
    }
    if (key === undefined) {
      const { entries, complete, height, timeMs } = await stream.range({ ...rangeOf(query), signal });
      return jsonAnswer({ entries: entries.map(readingObject), complete, height, timeMs });
    }
    const reading = await stream.get(key, { ...howOf(query), signal });
    if (reading.value === undefined) {
      const absent = new PerigeeError('NOT_FOUND', 'the stream has no such key, as its proof says');
      return jsonAnswer({ ...refusalOf(absent), ...readingObject(reading) }, 404);
    }
    if (headers.accept === 'application/octet-stream') return bytesOf(reading, reading.value);
    return jsonAnswer(readingObject(reading));
  };
}

/** @throws INVALID_ARGUMENT */
function policyOf(query: Pick<URLSearchParams, 'get'>): KvPolicy {
  const [policy, within] = [query.get('policy'), query.get('within')];
  if (within !== null) {
    const withinSeconds = Number(within);
    if (policy === null && withinSeconds >= 0) return { withinSeconds };
  } else if (policy === null || policy === 'latest') return 'latest';
  else if (policy === 'cached') return policy;
  throw new PerigeeError('INVALID_ARGUMENT', 'a value is asked for with policy=latest, policy=cached, or within=SECONDS');
}

/** By a policy, or as it was at a height. @throws INVALID_ARGUMENT */
export function howOf(query: Pick<URLSearchParams, 'get'>): Pick<KvReadOptions, 'policy' | 'height'> {
  const height = numberOf(query, 'height');
  if (height === undefined) return { policy: policyOf(query) };
  if (query.get('policy') === null && query.get('within') === null) return { height };
  throw new PerigeeError('INVALID_ARGUMENT', 'a value is asked for as it was at a height, or by a policy: name one of them');
}

/** @throws INVALID_ARGUMENT */
export function rangeOf(query: Pick<URLSearchParams, 'get'>): KvRangeOptions {
  const keys = (['prefix', 'from', 'after', 'below'] as const).flatMap((name) => {
    const key = keyOf(query, name);
    return key === undefined ? [] : [[name, key]];
  });
  return {
    ...Object.fromEntries(keys),
    reverse: query.get('reverse') === '1',
    limit: numberOf(query, 'limit') ?? MAX_RANGE_KEYS,
  };
}

function keyOf(query: Pick<URLSearchParams, 'get'>, name: string): Uint8Array | undefined {
  const text = query.get(name);
  return text === null || text === '' ? undefined : readKey(text);
}

function numberOf(query: Pick<URLSearchParams, 'get'>, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const number = Number(text);
  if (/^\d{1,15}$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new PerigeeError('INVALID_ARGUMENT', `${name} is a number, not "${text.slice(0, 40)}"`);
}

function bytesOf({ version, height, timeMs, source }: KvReading, value: Uint8Array): HttpStream {
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Length': `${value.length}`,
      'Cache-Control': 'no-store',
      'Perigee-Version': `${version}`,
      'Perigee-Height': `${height}`,
      'Perigee-Time': new Date(timeMs).toISOString(),
      'Perigee-Source': source,
    },
    pieces: (async function* () {
      yield value;
    })(),
    end() {},
  };
}

/** Server-sent events: `change` with a reading, `gap` where some may be missing. */
function eventsOf(
  { signal }: HttpRequest,
  watch: (listener: (reading: KvReading) => void, onGap: () => void) => () => void,
): HttpStream {
  const waiting: string[] = [': watching\n\n'];
  let wake = (): void => {};
  let isFull = false;
  const say = (text: string): void => {
    isFull ||= waiting.length >= MAX_WAITING;
    if (!isFull) waiting.push(text);
    wake();
  };
  const stop = watch(
    (reading) => say(`event: change\ndata: ${JSON.stringify(readingObject(reading))}\n\n`),
    () => say('event: gap\ndata: {}\n\n'),
  );
  const timer = setInterval(() => say(': still there\n\n'), STILL_THERE_MS);
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    status: 200,
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' },
    pieces: (async function* () {
      while (!signal.aborted && !isFull) {
        const text = waiting.splice(0).join('');
        if (text !== '') yield Buffer.from(text);
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    })(),
    end() {
      clearInterval(timer);
      signal.removeEventListener('abort', onAbort);
      stop();
    },
  };
}
