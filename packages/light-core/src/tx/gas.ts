import type { TxMessage } from '@perigee/wire';
import { kindOf } from './decode.ts';

/**
 * Price list, gas: about one unit for a microsecond of one core of the reference machine (two cores, noble for signatures), and ten for
 * a byte that every node keeps. Part of consensus: final for a chain.
 */
const GAS = {
  /** Decoding, one signature, nonce and balance. */
  transaction: 2_000,
  byte: 10,
  transfer: 200,
  certify: 2_000,
  /** One signature of a certificate. */
  certifySignature: 1_000,
  /** The list of an account's sessions is read and written. */
  grantSession: 1_000,
  revokeSession: 1_000,
  /** Validator, list of validators, key index, pool; to take back besides the queue of its release, and the release. */
  stake: 3_000,
  unstake: 4_000,
  /** Some fifty hashes of the flow's right edge at most, the flow, the file and its two names; each file is kept for good. */
  storageSubmit: 6_000,
  /** Number, flow, result; each entry that is written has the bytes to pay for its walk down the tree. */
  kvSet: 3_000,
  /** The same, and the hashes of a file, two a byte of gas at most. Whose submission it was pays, see `kvWriteGas`. */
  kvApply: 3_000,
  /** Evidence and collateral: some 30 signatures of NIST's curves. */
  computeRegister: 150_000,
  computeRetire: 4_000,
  computeDeposit: 2_000,
  computeWithdraw: 2_000,
  computeSettle: 2_000,
  /** Two signatures, five records. */
  computeClaim: 5_000,
  /** Two signatures, six records, and hashes of what opens it, which has its bytes to pay for them. */
  computeReport: 8_000,
} as const;

/** What a transaction costs; known before it runs, and the same whether it succeeds or fails. */
export function gasOf({ messages }: { readonly messages: readonly TxMessage[] }, bytes: number): number {
  return messages.reduce((sum, message) => sum + gasOfMessage(message), GAS.transaction + GAS.byte * bytes);
}

/** What the author of a submission pays for its write when its data comes, whoever brings it. @param bytes of the data */
export function kvWriteGas(bytes: number): number {
  return GAS.kvApply + GAS.byte * bytes;
}

function gasOfMessage(message: TxMessage): number {
  const signatures = message.certify?.certificate.signatures.length ?? 0;
  const claims = message.computeSettle?.claims.length ?? 0;
  return GAS[kindOf(message)] + GAS.certifySignature * signatures + GAS.computeClaim * claims;
}
