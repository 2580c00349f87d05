import { sha256 } from '@noble/hashes/sha2.js';
import {
  type BlobPromise,
  commitmentOf,
  concat,
  ed25519Address,
  equal,
  MAX_NAMESPACE_BYTES,
  MESSAGE_KIND,
  PerigeeError,
  PromiseBody,
  type Session,
  toHex,
  utf8,
} from '@perigee/wire';
import type { VerifyEd25519 } from '../signature/index.ts';
import { checkGeometry } from './geometry.ts';

const DOMAIN = utf8('perigee/da/promise/v0');
/** Basis points of the whole stake: no certificate can exceed it. */
const WHOLE = 10_000;

/** What a publisher signs: `'perigee/da/promise/v0' ‖ canonical PromiseBody`. */
export function promiseSignBytes(body: PromiseBody): Uint8Array {
  return concat(DOMAIN, PromiseBody.encode(body));
}

/** promiseId, 32 bytes: SHA-256 of the canonical body. */
export function promiseIdOf(body: PromiseBody): Uint8Array {
  return sha256(PromiseBody.encode(body));
}

/** What the one who checks a promise knows of the chain. */
export interface PromiseContext {
  readonly genesisHash: Uint8Array;
  /** Height of the latest verified head. */
  readonly height: number;
  /** Epoch of that height. */
  readonly epoch: number;
  /** Longest retention, blocks. */
  readonly maxRetentionBlocks: number;
  readonly verifyEd25519: VerifyEd25519;
  /** What an account has granted a key, by the state of that head; `undefined` for nothing. Asked only of a promise that holds otherwise. */
  readonly sessionOf: (account: Uint8Array, key: Uint8Array) => Promise<Session | undefined>;
}

/** A promise that holds. */
export interface VerifiedPromise {
  readonly body: PromiseBody;
  /** The grant by which the key speaks for the publisher, where it is not the publisher's own. */
  readonly session: Session | undefined;
}

/**
 * Check all of a promise but what its publisher has: chain, epoch, geometry, namespace, quorum, expiry, the signature, and that the key is the
 * publisher's own or one of its session keys that may publish for as much as the promise offers.
 *
 * @throws PROMISE, WRONG_CHAIN, SIGNATURE, BLOB_VERSION, BLOB_LENGTH, BLOB_GEOMETRY; what `sessionOf` throws
 */
export async function verifyPromise({ body, signature }: BlobPromise, context: PromiseContext): Promise<VerifiedPromise> {
  if (!equal(body.genesisHash, context.genesisHash)) throw new PerigeeError('WRONG_CHAIN', 'promise is for another chain');
  commitmentOf(body.blobId);
  checkGeometry(body);
  checkPolicy('PROMISE', body);
  // a publisher that read its head just before the epoch turned is still served: its certificate is in time
  if (body.epoch !== context.epoch && body.epoch !== context.epoch - 1) {
    throw new PerigeeError('PROMISE', `promise names epoch ${body.epoch}; the chain is in epoch ${context.epoch}`);
  }
  const last = context.height + context.maxRetentionBlocks;
  if (body.expiryHeight <= context.height || body.expiryHeight > last) {
    throw new PerigeeError(
      'PROMISE',
      `promise expires at height ${body.expiryHeight}, not between ${context.height + 1} and ${last}`,
    );
  }
  if (!(await context.verifyEd25519(body.publicKey, promiseSignBytes(body), signature))) {
    throw new PerigeeError('SIGNATURE', 'signature of the promise is not that of its key');
  }
  if (equal(ed25519Address(body.publicKey), body.publisher)) return { body, session: undefined };
  const session = await context.sessionOf(body.publisher, body.publicKey);
  if (session === undefined) {
    throw new PerigeeError('PROMISE', `key of the promise is neither that of ${toHex(body.publisher)} nor one of its sessions`);
  }
  checkPublishingSession(session, context.height, body.maxFee);
  return { body, session };
}

/**
 * That a session key may publish a blob.
 *
 * @param height of the latest head: the next block is the first that can record the blob
 * @param maxFee smallest units, the most that recording it may cost
 * @throws PROMISE
 */
export function checkPublishingSession({ kinds, expiryHeight, left }: Session, height: number, maxFee: bigint): void {
  if (!kinds.includes(MESSAGE_KIND.certify)) throw new PerigeeError('PROMISE', 'the session key may not publish: grant it that');
  if (expiryHeight <= height) {
    throw new PerigeeError('PROMISE', `the session key could act until height ${expiryHeight}: grant it again`);
  }
  if (left < maxFee) {
    throw new PerigeeError('PROMISE', `the session key may still spend ${left}, and this may cost ${maxFee}: grant it more`, {
      data: { left: `${left}`, maxFee: `${maxFee}` },
    });
  }
}

/**
 * Namespace and quorum, which promises and certificates have in common.
 *
 * @throws the code that it is called with
 */
export function checkPolicy(
  code: 'PROMISE' | 'CERTIFICATE' | 'INVALID_ARGUMENT',
  { namespace, quorum }: { readonly namespace: Uint8Array; readonly quorum: number },
): void {
  if (namespace.length < 1 || namespace.length > MAX_NAMESPACE_BYTES) {
    throw new PerigeeError(code, `a namespace has 1 to ${MAX_NAMESPACE_BYTES} bytes, not ${namespace.length}`);
  }
  if (!Number.isSafeInteger(quorum) || quorum < 0 || quorum >= WHOLE) {
    throw new PerigeeError(code, `a quorum is 0 to ${WHOLE - 1} basis points, not ${quorum}: more than all stake never signs`);
  }
}
