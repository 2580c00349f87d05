import type { LightNode } from '@perigee/sampler';
import type { RpcMethods } from '@perigee/storage/zerog';
import { MAX_KV_KEYS_PER_REQUEST, PerigeeError } from '@perigee/wire';
import { readingObject, readKey, readStream } from '../streams/words.ts';
import { howOf, rangeOf } from './kv-route.ts';
import { rpcRefusal } from './refusal.ts';

type Method = (params: readonly unknown[], signal: AbortSignal) => Promise<unknown>;

/** Methods of JSON-RPC, each of whose answers was verified; parameters by position. */
export function lightMethods(node: LightNode): RpcMethods {
  const methods = new Map<string, Method>([
    ['perigee_status', async () => statusOf(node)],
    [
      'perigee_kvGet',
      async ([stream, key, how], signal) =>
        readingObject(await node.kv(readStream(text(stream))).get(readKey(text(key)), { ...howOf(wordsOf(how)), signal })),
    ],
    [
      'perigee_kvGetMany',
      async ([stream, keys, how], signal) => {
        if (!Array.isArray(keys) || keys.length > MAX_KV_KEYS_PER_REQUEST)
          throw wrong(`keys are a list of ${MAX_KV_KEYS_PER_REQUEST} at most`);
        const options = { ...howOf(wordsOf(how)), signal };
        const readings = await node.kv(readStream(text(stream))).getMany(
          keys.map((key) => readKey(text(key))),
          options,
        );
        return readings.map(readingObject);
      },
    ],
    [
      'perigee_kvRange',
      async ([stream, how], signal) => {
        const { entries, ...range } = await node.kv(readStream(text(stream))).range({ ...rangeOf(wordsOf(how)), signal });
        return { entries: entries.map(readingObject), complete: range.complete, height: range.height, timeMs: range.timeMs };
      },
    ],
    [
      'perigee_sample',
      async ([blobId], signal) => {
        const { rows, ...blob } = await node.sample(text(blobId), { signal });
        return { ...blob, rows: rows.length };
      },
    ],
    ['perigee_listBlobs', async ([namespace = ''], signal) => node.list(text(namespace), { signal })],
  ]);
  return {
    handles: (method) => methods.has(method),
    async call(method, params, { signal }) {
      try {
        return await methods.get(method)?.(params, signal);
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        throw rpcRefusal(thrown);
      }
    },
  };
}

function statusOf({ state }: LightNode): object {
  const { chain, head, freshness, phase, peers } = state;
  return { phase, chain, head, freshness, peers: peers.filter(({ connected }) => connected).length };
}

/** Options of a call, as a query of a path has them. */
function wordsOf(how: unknown): Pick<URLSearchParams, 'get'> {
  if (how === undefined || how === null) return new URLSearchParams();
  if (typeof how !== 'object' || Array.isArray(how)) throw wrong('options are an object');
  const words = Object.entries(how).map(([name, value]): [string, string] => [name, value === true ? '1' : String(value)]);
  return new URLSearchParams(words);
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw wrong('streams, keys and ids are texts');
}

function wrong(words: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', words);
}
