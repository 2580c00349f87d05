import { existsSync } from 'node:fs';
import { chmod, link, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { cryptoRandomBytes } from '@perigee/net';
import { fromHex, PerigeeError, toHex } from '@perigee/wire';
import { makeFolder, readFileOf, writeNamedFile } from './files.ts';
import { nativeSigner } from './native-signer.ts';

/** Bytes of a secret key: the seed of RFC 8032 (ed25519), a number (secp256k1). */
export const SECRET_BYTES = 32;
/** What stands before the digits of a key for Ethereum addresses; without it they are an ed25519 key. */
const SECP256K1_PREFIX = 'secp256k1:';

export type KeyScheme = 'ed25519' | 'secp256k1';

/** A secret key, as files keep it. */
export interface SecretKey {
  readonly scheme: KeyScheme;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/**
 * The ed25519 key in a file that only its owner may read.
 *
 * @throws STORE_CORRUPT when the file holds something else, NOT_FOUND when there is none, REFUSED when this user may not read it
 */
export async function readKey(path: string): Promise<Ed25519Signer> {
  return nativeSigner(await readSecret(path));
}

/** The key of a file, which is made where there is none. @throws STORE_CORRUPT */
export async function ensureKey(path: string): Promise<Ed25519Signer> {
  return nativeSigner(await ensureSecret(path));
}

/** A key of either scheme; see `readKey`. */
export async function readSecretKey(path: string): Promise<SecretKey> {
  const text = await readFileOf(path, 'a key').catch((cause: unknown) => {
    const { code, message } = PerigeeError.from(cause);
    const remedy = code === 'REFUSED' ? '' : '; name another, or make one: perigee keys new NAME';
    throw new PerigeeError(code, `${message}${remedy}`, { cause });
  });
  try {
    return parseSecretKey(text.toString('utf8'));
  } catch (cause) {
    throw new PerigeeError(
      'STORE_CORRUPT',
      `${path} does not hold a key of ${2 * SECRET_BYTES} hexadecimal digits; name another file, or restore this one from a copy`,
      { cause },
    );
  }
}

/** @throws PARSE */
export function parseSecretKey(text: string): SecretKey {
  const words = text.trim();
  const isSecp256k1 = words.startsWith(SECP256K1_PREFIX);
  const secret = fromHex(isSecp256k1 ? words.slice(SECP256K1_PREFIX.length) : words, SECRET_BYTES);
  return { scheme: isSecp256k1 ? 'secp256k1' : 'ed25519', secret };
}

/** The line that a file holds. */
export function formatSecretKey({ scheme, secret }: SecretKey): string {
  return `${scheme === 'secp256k1' ? SECP256K1_PREFIX : ''}${toHex(secret)}\n`;
}

/** The secret of an ed25519 key; see `readKey`. */
export async function readSecret(path: string): Promise<Uint8Array> {
  const { scheme, secret } = await readSecretKey(path);
  if (scheme !== 'ed25519') {
    throw new PerigeeError(
      'STORE_CORRUPT',
      `${path} holds a key for Ethereum addresses; an ed25519 key is needed here: name another`,
    );
  }
  return secret;
}

/** The secret of a file, which is made where there is none: whole or not at all, and once, however many start at a time. */
export async function ensureSecret(path: string): Promise<Uint8Array> {
  if (!existsSync(path)) {
    await writeNewKey(path, { scheme: 'ed25519', secret: cryptoRandomBytes(SECRET_BYTES) });
  }
  const secret = await readSecret(path);
  await chmod(path, 0o600);
  return secret;
}

/**
 * Writes a key where nothing is: whole or not at all, readable by its owner only.
 *
 * @returns false when something is there already
 */
export async function writeNewKey(path: string, key: SecretKey): Promise<boolean> {
  await makeFolder(dirname(path));
  const fresh = `${path}.${toHex(cryptoRandomBytes(8))}`;
  try {
    await writeNamedFile(fresh, formatSecretKey(key));
    await link(fresh, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(fresh, { force: true });
  }
}
