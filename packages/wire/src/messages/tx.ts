/** The transaction envelope (PROTOCOL §7). A transaction is the canonical bytes of `Tx`; its id is their SHA-256. */
import { MAX_MESSAGE_KINDS, MAX_SESSIONS_PER_ACCOUNT, MAX_TX_MESSAGES } from '../limits.ts';
import { embedded, fixedBytes, type Infer, message, optional, repeated, uint32, uint53, uint128 } from '../proto/index.ts';
import { Auth } from './auth.ts';
import {
  ComputeDeposit,
  ComputeRegister,
  ComputeReport,
  ComputeRetire,
  ComputeSettle,
  ComputeWithdraw,
} from './compute-chain.ts';
import { Certificate } from './da.ts';
import { KvApply, KvSet } from './kv.ts';
import { StorageSubmit } from './storage.ts';

export const TX_VERSION = 0;

/** Records a blob: the certificate of its committee. */
export const Certify = message('Certify', { certificate: [1, embedded(Certificate)] });
export type Certify = Infer<typeof Certify>;

/** Moves tokens. */
export const Transfer = message('Transfer', { to: [1, fixedBytes(20)], amount: [2, uint128()] });
export type Transfer = Infer<typeof Transfer>;

const session = {
  /** ed25519, 32 bytes. */
  key: [1, fixedBytes(32)],
  /** What it may do: field numbers of `TxMessage`, ascending, without those of sessions. */
  kinds: [2, repeated(uint32(), MAX_MESSAGE_KINDS)],
} as const;

/** Lets a key act for the sender, in what it names, until it has spent the cap (fees count) or the height has passed. Replaces the key's earlier grant. */
export const GrantSession = message('GrantSession', {
  ...session,
  cap: [3, uint128()],
  /** Last height at which the key may act. */
  expiryHeight: [4, uint53()],
});
export type GrantSession = Infer<typeof GrantSession>;

/** Ends the grant of a key. */
export const RevokeSession = message('RevokeSession', { key: [1, fixedBytes(32)] });
export type RevokeSession = Infer<typeof RevokeSession>;

/** Puts tokens behind the sender's validator; the first one names its keys. */
export const Stake = message('Stake', {
  amount: [1, uint128()],
  /** ed25519 key that signs blocks. */
  validatorKey: [2, fixedBytes(32)],
  /** ed25519 key that signs certificates; takes the place of an earlier one. Without one the validator is in no committee. */
  committeeKey: [3, optional(fixedBytes(32))],
});
export type Stake = Infer<typeof Stake>;

/** Takes tokens back from the sender's validator; they come when the unbonding period is over. */
export const Unstake = message('Unstake', { amount: [1, uint128()] });
export type Unstake = Infer<typeof Unstake>;

/** Kinds of messages by name. Numbers are final: sessions name them. */
export const MESSAGE_KIND = {
  certify: 1,
  transfer: 2,
  grantSession: 3,
  revokeSession: 4,
  stake: 5,
  unstake: 6,
  storageSubmit: 7,
  kvSet: 8,
  kvApply: 9,
  computeRegister: 10,
  computeRetire: 11,
  computeDeposit: 12,
  computeWithdraw: 13,
  computeSettle: 14,
  computeReport: 15,
} as const;
export type MessageKind = keyof typeof MESSAGE_KIND;

/** One message; exactly one field is set. */
export const TxMessage = message('TxMessage', {
  certify: [MESSAGE_KIND.certify, optional(embedded(Certify))],
  transfer: [MESSAGE_KIND.transfer, optional(embedded(Transfer))],
  grantSession: [MESSAGE_KIND.grantSession, optional(embedded(GrantSession))],
  revokeSession: [MESSAGE_KIND.revokeSession, optional(embedded(RevokeSession))],
  stake: [MESSAGE_KIND.stake, optional(embedded(Stake))],
  unstake: [MESSAGE_KIND.unstake, optional(embedded(Unstake))],
  storageSubmit: [MESSAGE_KIND.storageSubmit, optional(embedded(StorageSubmit))],
  kvSet: [MESSAGE_KIND.kvSet, optional(embedded(KvSet))],
  kvApply: [MESSAGE_KIND.kvApply, optional(embedded(KvApply))],
  computeRegister: [MESSAGE_KIND.computeRegister, optional(embedded(ComputeRegister))],
  computeRetire: [MESSAGE_KIND.computeRetire, optional(embedded(ComputeRetire))],
  computeDeposit: [MESSAGE_KIND.computeDeposit, optional(embedded(ComputeDeposit))],
  computeWithdraw: [MESSAGE_KIND.computeWithdraw, optional(embedded(ComputeWithdraw))],
  computeSettle: [MESSAGE_KIND.computeSettle, optional(embedded(ComputeSettle))],
  computeReport: [MESSAGE_KIND.computeReport, optional(embedded(ComputeReport))],
});
export type TxMessage = Infer<typeof TxMessage>;

const body = {
  version: [1, uint32()],
  /** First eight bytes of genesisHash. */
  chain: [2, fixedBytes(8)],
  sender: [3, fixedBytes(20)],
  /** Nonces count up by one in each lane of an account. */
  lane: [4, uint32()],
  nonce: [5, uint53()],
  /** Last height of a block that may hold the transaction. */
  expiryHeight: [6, uint53()],
  gasLimit: [7, uint53()],
  maxFee: [8, uint128()],
  tip: [9, uint128()],
  messages: [10, repeated(embedded(TxMessage), MAX_TX_MESSAGES)],
} as const;

/** What is signed. */
export const TxBody = message('TxBody', body);
export type TxBody = Infer<typeof TxBody>;

export const Tx = message('Tx', { ...body, auth: [15, embedded(Auth)] });
export type Tx = Infer<typeof Tx>;

/** State of an account. */
export const Account = message('Account', {
  balance: [1, uint128()],
  /** Next nonce of each lane in use, ascending by lane. */
  nonces: [2, repeated(embedded(message('LaneNonce', { lane: [1, uint32()], next: [2, uint53()] })), 64)],
});
export type Account = Infer<typeof Account>;

/** Keys that may act for an account, ascending by key; under `k/<address>` of store `account`. */
export const Sessions = message('Sessions', {
  sessions: [
    1,
    repeated(
      embedded(
        message('Session', {
          ...session,
          /** What it may still spend. */
          left: [3, uint128()],
          expiryHeight: [4, uint53()],
        }),
      ),
      MAX_SESSIONS_PER_ACCOUNT,
    ),
  ],
});
export type Sessions = Infer<typeof Sessions>;
export type Session = Sessions['sessions'][number];
