import { type Ed25519Signer, ed25519Signer } from '@perigee/light-core/tx';
import { cryptoRandomBytes } from '@perigee/net';
import { PerigeeError } from '@perigee/wire';
import { createStore, get, update } from 'idb-keyval';

/** The key of the account that publishes from this browser. */
export interface AccountKey {
  readonly signer: Ed25519Signer;
  /** See `AccountView.key`. */
  readonly kind: 'browser' | 'stored';
}

/** What lies in the database. A later version adds a field, and never another meaning of these. */
type KeptKey =
  | { readonly version: 1; readonly pair: CryptoKeyPair; readonly publicKey: Uint8Array<ArrayBuffer> }
  | { readonly version: 1; readonly secretKey: Uint8Array<ArrayBuffer> };

const DATABASE = 'perigee-account';
const KEY = 'ed25519';
const ALGORITHM = { name: 'Ed25519' };

/**
 * The key of this browser, made when it is first asked for. Where the browser knows Ed25519, its bytes never reach a script: it can be used
 * by this page, and not be carried away. Elsewhere the bytes lie in the database.
 *
 * @throws STORE_CORRUPT for an entry that is no key; STORE_FULL when the browser keeps nothing
 */
export async function accountKey(): Promise<AccountKey> {
  let kept: KeptKey | undefined;
  try {
    const store = createStore(DATABASE, 'keys');
    kept = await get<KeptKey>(KEY, store);
    if (kept === undefined) {
      const made = await makeKey();
      await update<KeptKey>(KEY, (before) => before ?? made, store); // another tab may have been first
      kept = await get<KeptKey>(KEY, store);
    }
  } catch (cause) {
    throw new PerigeeError('STORE_FULL', 'this browser could not keep the key of an account; allow this page to keep data', {
      cause,
    });
  }
  return readKey(kept);
}

async function makeKey(): Promise<KeptKey> {
  try {
    const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
    if (!('privateKey' in pair)) throw new PerigeeError('INTERNAL', 'the browser made one key in place of two');
    return { version: 1, pair, publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)) };
  } catch {
    return { version: 1, secretKey: Uint8Array.from(cryptoRandomBytes(32)) }; // before Chrome 137
  }
}

function readKey(kept: KeptKey | undefined): AccountKey {
  if (kept?.version !== 1) throw new PerigeeError('STORE_CORRUPT', `database ${DATABASE} holds no key that this page can read`);
  if ('secretKey' in kept) return { signer: ed25519Signer(kept.secretKey), kind: 'stored' };
  const { pair, publicKey } = kept;
  const sign = async (message: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await crypto.subtle.sign(ALGORITHM, pair.privateKey, Uint8Array.from(message)));
  return { signer: { publicKey, sign }, kind: 'browser' };
}
