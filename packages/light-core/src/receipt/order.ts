/** Orders: who pays for one answer, whom, and how much at most. */
import {
  AUTH_SCHEME,
  ed25519Address,
  equal,
  INFERENCE_VERSION,
  keyText,
  type PaymentOrder,
  type PaymentOrderBody,
  PerigeeError,
} from '@perigee/wire';
import { nobleRecover } from '../signature/index.ts';
import { type ChainName, type Ed25519Signer, hashTypedData, type TypedDataSigner } from '../tx/index.ts';
import { orderTypedData } from './order-words.ts';
import { orderSignBytes } from './sign-bytes.ts';
import type { SignatureContext } from './signer.ts';

const ADDRESS_BYTES = 20;
const NO_KEY = new Uint8Array(0);

/** Everything of an order but what follows from the chain and the key. */
export type OrderDraft = Omit<PaymentOrderBody, 'version' | 'genesisHash' | 'payer'>;

/**
 * Signs an order with an ed25519 key.
 *
 * @param account for which the key acts, if it is a session key; else the key's own
 */
export async function signOrder(
  draft: OrderDraft,
  genesisHash: Uint8Array,
  signer: Ed25519Signer,
  account = ed25519Address(signer.publicKey),
): Promise<PaymentOrder> {
  const body = { ...draft, version: INFERENCE_VERSION, genesisHash, payer: account };
  const signature = await signer.sign(orderSignBytes(body));
  return { body, auth: { scheme: AUTH_SCHEME.ed25519, publicKey: signer.publicKey, signature } };
}

/** Signs an order as the account of an Ethereum key, in plain words. */
export async function signTypedOrder(draft: OrderDraft, chain: ChainName, signer: TypedDataSigner): Promise<PaymentOrder> {
  const body = { ...draft, version: INFERENCE_VERSION, genesisHash: chain.genesisHash, payer: signer.address };
  const signature = Uint8Array.from(await signer.signTypedData(orderTypedData(body, chain)));
  // wallets write v as 0 and 1, or as 27 and 28; one signature has one form
  const v = signature[64] ?? -1;
  if (v === 0 || v === 1) signature[64] = v + 27;
  return { body, auth: { scheme: AUTH_SCHEME.eip712, publicKey: NO_KEY, signature } };
}

/** The order of a request for which nobody pays. */
export function unpaidOrder(
  draft: Pick<OrderDraft, 'provider' | 'modelRoot' | 'requestHash' | 'nonce'>,
  genesisHash: Uint8Array,
): PaymentOrder {
  const payer = new Uint8Array(ADDRESS_BYTES);
  return { body: { ...draft, version: INFERENCE_VERSION, genesisHash, payer, maxFee: 0n, expiryHeight: 0 } };
}

/** Whether an order says that nobody pays. */
export function isUnpaid({ body, auth }: PaymentOrder): boolean {
  return auth === undefined && body.maxFee === 0n && body.payer.every((byte) => byte === 0);
}

export interface OrderContext extends ChainName, SignatureContext {}

/** Who signed an order. */
export interface OrderAuthor {
  readonly payer: Uint8Array;
  /** The ed25519 key that signed, where it is not the payer's own: whether the payer has granted it this is for the state to say. */
  readonly sessionKey?: Uint8Array;
}

/**
 * Checks that the payer that an order names signed it, or a key that says it is one of its sessions, for this chain.
 *
 * @throws ORDER (`data.check`: `version`, `chain`, `payer`)
 */
export async function verifyOrder({ body, auth }: PaymentOrder, context: OrderContext): Promise<OrderAuthor> {
  checkOrderChain(body, context.genesisHash);
  const { payer } = body;
  if (auth === undefined) throw refuseOrder('payer', `order of ${keyText(payer)} is not signed`);
  const { scheme, publicKey, signature } = auth;
  const wrong = () => refuseOrder('payer', `signature of ${keyText(payer)} is not over this order`);
  if (scheme === AUTH_SCHEME.ed25519) {
    const fits = publicKey.length === 32 && signature.length === 64;
    if (!fits || !(await context.verifyEd25519(publicKey, orderSignBytes(body), signature))) throw wrong();
    return equal(ed25519Address(publicKey), payer) ? { payer } : { payer, sessionKey: publicKey };
  }
  if (scheme !== AUTH_SCHEME.eip712) throw refuseOrder('payer', `an order is signed by scheme 1 or 2, not ${scheme}`);
  const v = signature[64];
  if (publicKey.length !== 0 || signature.length !== 65 || (v !== 27 && v !== 28)) throw wrong();
  const digest = hashTypedData(orderTypedData(body, context));
  const [r, s] = [signature.slice(0, 32), signature.slice(32, 64)];
  const signer = await (context.recoverAddress ?? nobleRecover)(digest, { r, s, parity: v - 27 });
  if (signer === undefined || !equal(signer, payer)) throw wrong();
  return { payer };
}

/** @throws ORDER (`version`, `chain`) */
export function checkOrderChain(body: PaymentOrderBody, genesisHash: Uint8Array): void {
  if (body.version !== INFERENCE_VERSION)
    throw refuseOrder('version', `order has version ${body.version}, not ${INFERENCE_VERSION}`);
  if (!equal(body.genesisHash, genesisHash)) throw refuseOrder('chain', 'order is for another chain');
}

/** What of an order is wrong. */
export type OrderCheckName =
  | 'version'
  | 'chain'
  | 'payer'
  | 'provider'
  | 'model'
  | 'request'
  | 'fee'
  | 'nonce'
  | 'expiry'
  | 'cap'
  | 'balance'
  | 'session';

export function refuseOrder(check: OrderCheckName, sentence: string): PerigeeError {
  return new PerigeeError('ORDER', sentence, { data: { check } });
}
