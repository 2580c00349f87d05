/** Writes to a few streams by a few accounts, so that they meet: conflicts, rights that come and go, keys that are special. */
import { utf8 } from '@perigee/wire';
import type { Random } from '../../../../tests/kit/random.ts';
import { KV_CONTROL, type KvControl, type KvControlName, LATEST_VERSION, type StreamData } from '../../src/kv/index.ts';

export const STREAMS = [1, 2, 3].map((n) => new Uint8Array(32).fill(n));
export const ACCOUNTS = [11, 12, 13, 14].map((n) => new Uint8Array(20).fill(n));
/** One that begins with another, one that is no text, one that looks like a property of every object. */
export const KEYS = [utf8('a'), utf8('ab'), utf8('__proto__'), Uint8Array.of(0xff, 0), utf8('ж'.repeat(40)), Uint8Array.of(0)];
const NAMES = Object.keys(KV_CONTROL) as KvControlName[];

export interface RandomWrite {
  readonly author: Uint8Array;
  readonly streams: readonly Uint8Array[];
  readonly data: StreamData;
}

/** @param txSeq that it will have: versions lie around it */
export function randomWrite(random: Random, txSeq: number): RandomWrite {
  const streams = random.shuffled(STREAMS).slice(0, random.pick([1, 1, 2, 3]));
  const stream = () => (random.chance(0.95) ? random.pick(streams) : random.pick(STREAMS));
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: random.below(most + 1) }, make);
  const data: StreamData = {
    version: random.pick([LATEST_VERSION, BigInt(txSeq), BigInt(Math.max(0, txSeq - random.below(30)))]),
    reads: random.chance(0.3) ? some(2, () => ({ stream: random.pick(STREAMS), key: random.pick(KEYS) })) : [],
    writes: some(4, () => ({
      stream: stream(),
      key: random.pick(KEYS),
      value: random.chance(0.2) ? new Uint8Array(0) : random.bytes(random.between(1, 40)),
    })),
    controls: random.chance(0.4) ? some(4, () => randomControl(random, stream())) : [],
  };
  // the first account more often: somebody must have rights
  return { author: random.chance(0.7) ? (ACCOUNTS[0] ?? random.pick(ACCOUNTS)) : random.pick(ACCOUNTS), streams, data };
}

function randomControl(random: Random, stream: Uint8Array): KvControl {
  // renouncing everything would end the game
  const name = random.chance(0.02) ? 'renounceAdmin' : random.pick(NAMES.filter((one) => one !== 'renounceAdmin'));
  const hasKey = name.startsWith('setKey') || name.endsWith('SpecialWriter');
  const hasAccount = !name.startsWith('renounce') && !name.startsWith('setKey');
  return {
    name,
    stream,
    ...(hasKey ? { key: random.pick(KEYS) } : {}),
    ...(hasAccount ? { account: random.pick(ACCOUNTS) } : {}),
  };
}
