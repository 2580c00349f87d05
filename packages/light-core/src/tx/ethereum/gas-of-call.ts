import { concat, u8 } from '@perigee/wire';
import { gasOf } from '../gas.ts';
import { encodeRlp, rlpNumber } from './rlp.ts';
import { type Call, messagesOfCall } from './system-calls.ts';

/** Longest form of a number of so many bytes. */
const longest = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xff);

/**
 * Gas that a transaction with this call takes at most: its fees, nonce and signature are not known yet, and as long as they may be.
 *
 * @throws TX_MESSAGE when the chain has no such call
 */
export function gasOfCall(call: Call): number {
  const messages = messagesOfCall(call);
  const { to, value, data } = call;
  const [chainId, nonce, gasLimit] = [longest(8), longest(8), longest(8)];
  const fees = [longest(16), longest(16)];
  const fields = [chainId, nonce, ...fees, gasLimit, to, rlpNumber(value), data, [], u8(1), longest(32), longest(32)];
  return gasOf({ messages }, concat(u8(2), encodeRlp(fields)).length);
}
