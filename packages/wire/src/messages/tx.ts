/** The transaction envelope (PROTOCOL §7). A transaction is the canonical bytes of `Tx`; its id is their SHA-256. */
import { MAX_TX_MESSAGES } from '../limits.ts';
import { bytes, embedded, fixedBytes, type Infer, message, optional, repeated, uint32, uint53, uint128 } from '../proto/index.ts';
import { Certificate } from './da.ts';

export const TX_VERSION = 0;

/** Authentication schemes. Numbers are final; a scheme is added, never reused. */
export const AUTH_SCHEME = { ed25519: 1, eip712: 2, ethRlp: 3 } as const;

export const Auth = message('Auth', {
  scheme: [1, uint32()],
  /** ed25519: 32 bytes. */
  publicKey: [2, bytes(65)],
  /** ed25519: 64 bytes over `'perigee/tx/v0' ‖ genesisHash ‖ canonical Tx without auth`. */
  signature: [3, bytes(65)],
});
export type Auth = Infer<typeof Auth>;

/** Records a blob: the certificate of its committee. */
export const Certify = message('Certify', { certificate: [1, embedded(Certificate)] });
export type Certify = Infer<typeof Certify>;

/** Moves tokens. */
export const Transfer = message('Transfer', { to: [1, fixedBytes(20)], amount: [2, uint128()] });
export type Transfer = Infer<typeof Transfer>;

/** One message; exactly one field is set. */
export const TxMessage = message('TxMessage', {
  certify: [1, optional(embedded(Certify))],
  transfer: [2, optional(embedded(Transfer))],
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
