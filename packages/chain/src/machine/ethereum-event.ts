import { ethereumTxHash } from '@perigee/light-core/tx';
import { toHex } from '@perigee/wire';
import type { Event } from '../application/index.ts';

/** Event of an Ethereum transaction, whatever became of it; attribute `hash` is its Ethereum hash in hexadecimal, by which CometBFT finds it. */
export const ETHEREUM_EVENT = 'ethereum';

export function ethereumEvent(raw: Uint8Array): Event {
  return { type: ETHEREUM_EVENT, attributes: [{ key: 'hash', value: toHex(ethereumTxHash(raw)), index: true }] };
}
