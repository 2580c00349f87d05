import { type KvAnswer, type KvRequest, PerigeeError } from '@perigee/wire';
import { expect } from 'vitest';
import type { Chain } from '../../src/index.ts';
import type { serveKv } from '../../src/serve/index.ts';
import { dataOf, STREAM, Streaming, streamingGenesis, write } from '../machine/kv/streams.ts';

export const OTHER = new Uint8Array(32).fill(0xf3);
export const BEFORE = new Uint8Array(32).fill(0xf1);
export const NAMES = ['a', 'ab', 'b', 'ba', 'c', 'd'];
export const text = (bytes: Uint8Array = new Uint8Array(0)): string => Buffer.from(bytes).toString();

/** A chain as those who serve see it: what has a header after it is proved. */
export class Served {
  readonly #streaming: Streaming;
  readonly #listeners = new Set<Parameters<Chain['onBlock']>[0]>();
  /** App hash of the state of each height. */
  readonly appHashes = new Map<number, Uint8Array>();

  constructor(streaming: Streaming) {
    this.#streaming = streaming;
  }

  get height(): number {
    return this.#streaming.chain.height();
  }

  async set(data: Parameters<typeof dataOf>[0], streams = [STREAM]): Promise<void> {
    const { code, log } = await this.#streaming.set('alice', dataOf(data), streams);
    expect(code, log).toBe(0);
    await this.#noted();
  }

  async block(): Promise<void> {
    await this.#streaming.chain.block();
    await this.#noted();
  }

  appHash(height: number): Uint8Array {
    return this.appHashes.get(height) ?? new Uint8Array(0);
  }

  prove(store: string, key: Uint8Array, height = 0) {
    return this.#streaming.chain.machine.prove(store, key, height);
  }

  tree(store: string, height = 0) {
    return this.#streaming.chain.machine.tree(store, height);
  }

  onBlock(listener: Parameters<Chain['onBlock']>[0]): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  close(): Promise<void> {
    return this.#streaming.close();
  }

  async #noted(): Promise<void> {
    const { lastBlockHeight, lastBlockAppHash } = await this.#streaming.chain.machine.info();
    this.appHashes.set(lastBlockHeight, lastBlockAppHash);
    for (const listener of this.#listeners) listener({ height: lastBlockHeight, headerHash: new Uint8Array(32) });
  }
}

/** A chain whose streams were written to twice. */
export async function servedStreams(): Promise<Served> {
  const served = new Served(await Streaming.begin(streamingGenesis()));
  await served.set({ writes: NAMES.map((name) => write(name, `old ${name}`)) });
  await served.set({ writes: [write('a', 'of another', OTHER), write('z', 'of another', OTHER)] }, [OTHER]);
  await served.set({ writes: [write('a', 'of another', BEFORE), write('z', 'of another', BEFORE)] }, [BEFORE]);
  await served.set({ writes: [...NAMES.map((name) => write(name, `new ${name}`)), write('d', '')] });
  await served.block();
  return served;
}

/** The first answer to a request. */
export async function askKv(serving: ReturnType<typeof serveKv>, change: Partial<KvRequest>, peerId = 'peer'): Promise<KvAnswer> {
  const request = { stream: STREAM, height: 0, keys: [], ...change };
  for await (const answer of serving(request, { peerId, signal: new AbortController().signal })) return answer;
  throw new Error('no answer');
}

export const codeOf = (check: () => unknown): string => {
  try {
    check();
    return 'taken';
  } catch (error) {
    return error instanceof PerigeeError ? error.code : String(error);
  }
};
