/** Scheme 3: the calls that an Ethereum wallet can make. Everything else is refused; there is no contract code on this chain. */
import { equal, PerigeeError, type TxMessage, toHex } from '@perigee/wire';
import { FLOW_ADDRESS, SYSTEM_ADDRESS } from '../../state/index.ts';
import { selectorOf, uintOf, wordsOf } from './abi.ts';
import { submitsOfCall } from './storage-calls.ts';

const SAFE_BITS = 53;
const NONE = new Uint8Array(32);

/** What an Ethereum transaction asks of its receiver. */
export interface Call {
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly data: Uint8Array;
}

interface SystemCall {
  readonly signature: string;
  readonly payable: boolean;
  message(data: Uint8Array, value: bigint): TxMessage;
}

const SYSTEM_CALLS: readonly SystemCall[] = [
  {
    // a committee key of zeros is none
    signature: 'stake(bytes32,bytes32)',
    payable: true,
    message(data, amount) {
      const [validatorKey = NONE, committeeKey = NONE] = wordsOf(data, 2);
      return { stake: { amount, validatorKey, ...(committeeKey.some((byte) => byte !== 0) ? { committeeKey } : {}) } };
    },
  },
  {
    signature: 'unstake(uint256)',
    payable: false,
    message: (data) => ({ unstake: { amount: uintOf(wordsOf(data, 1)[0], 128, 'amount') } }),
  },
  {
    // kinds as a set of bits: bit n is the message with field number n
    signature: 'grantSession(bytes32,uint256,uint256,uint256)',
    payable: false,
    message(data) {
      const [key = NONE, kinds, cap, expiry] = wordsOf(data, 4);
      const bits = uintOf(kinds, 32, 'kinds');
      return {
        grantSession: {
          key,
          // bits that no kind has are kept: the grant is then refused
          kinds: Array.from({ length: 32 }, (_, kind) => kind).filter((kind) => ((bits >> BigInt(kind)) & 1n) === 1n),
          cap: uintOf(cap, 128, 'cap'),
          expiryHeight: Number(uintOf(expiry, SAFE_BITS, 'last block')),
        },
      };
    },
  },
  {
    signature: 'revokeSession(bytes32)',
    payable: false,
    message: (data) => ({ revokeSession: { key: wordsOf(data, 1)[0] ?? NONE } }),
  },
];

/**
 * The messages that a call means: a transfer when it has no data, else one of the system's calls, or files to be stored.
 *
 * @throws TX_MESSAGE
 */
export function messagesOfCall({ to, value, data }: Call): readonly TxMessage[] {
  if (value >= 1n << 128n) throw new PerigeeError('TX_MESSAGE', `value ${value} does not fit 128 bits`);
  if (equal(to, FLOW_ADDRESS)) return submitsOfCall(data, value);
  if (!equal(to, SYSTEM_ADDRESS)) {
    if (data.length > 0) throw new PerigeeError('TX_MESSAGE', `0x${toHex(to)} is no contract: a transfer carries no data`);
    return [{ transfer: { to, amount: value } }];
  }
  const selector = toHex(data.subarray(0, 4));
  const call = SYSTEM_CALLS.find(({ signature }) => selectorOf(signature) === selector);
  if (call === undefined) throw new PerigeeError('TX_MESSAGE', `the system has no call 0x${selector}`);
  if (value > 0n && !call.payable) throw new PerigeeError('TX_MESSAGE', `${call.signature} takes no tokens`);
  return [call.message(data, value)];
}
