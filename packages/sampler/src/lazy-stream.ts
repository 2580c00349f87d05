import { fromHex } from '@perigee/wire';
import type { KvNode, KvStream } from './kv/index.ts';

/**
 * A stream whose reader is loaded when it is first asked for something.
 *
 * @param id 32 bytes, or as many in hexadecimal
 */
export function lazyStream(id: Uint8Array | string, open: () => Promise<KvNode>): KvStream {
  const bytes = typeof id === 'string' ? fromHex(id, 32) : id;
  let opened: { readonly node: KvNode; readonly stream: KvStream } | undefined;
  const stream = async (): Promise<KvStream> => {
    const node = await open();
    // a node that was stopped and started has another
    if (opened?.node !== node) opened = { node, stream: node.stream(bytes) };
    return opened.stream;
  };
  return {
    get: async (key, options) => (await stream()).get(key, options),
    getMany: async (keys, options) => (await stream()).getMany(keys, options),
    next: async (key, options) => (await stream()).next(key, options),
    previous: async (key, options) => (await stream()).previous(key, options),
    range: async (options) => (await stream()).range(options),
    kept: async (limit) => (await stream()).kept(limit),
    watch(watched, listener, options) {
      let stop: (() => void) | undefined;
      let isStopped = false;
      void stream().then(
        (there) => {
          if (!isStopped) stop = there.watch(watched, listener, options);
        },
        () => {}, // the node was stopped before it began
      );
      return () => {
        isStopped = true;
        stop?.();
      };
    },
  };
}
