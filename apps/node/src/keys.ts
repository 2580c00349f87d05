import { existsSync } from 'node:fs';
import { chmod, link, mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Ed25519Signer, ed25519Signer } from '@perigee/light-core/tx';
import { cryptoRandomBytes } from '@perigee/net';
import { fromHex, PerigeeError, toHex } from '@perigee/wire';
import { readFileOf, writeFileWhole } from './files.ts';

/** Bytes of an ed25519 secret key (the seed of RFC 8032). */
const SECRET_BYTES = 32;

/**
 * The key in a file of 64 hexadecimal digits that only its owner may read.
 *
 * @throws STORE_CORRUPT when the file holds something else, NOT_FOUND when there is none
 */
export async function readKey(path: string): Promise<Ed25519Signer> {
  return ed25519Signer(await readSecret(path));
}

/** The key of a file, which is made where there is none. @throws STORE_CORRUPT */
export async function ensureKey(path: string): Promise<Ed25519Signer> {
  return ed25519Signer(await ensureSecret(path));
}

/** The secret itself, 32 bytes; see `readKey`. */
export async function readSecret(path: string): Promise<Uint8Array> {
  const text = await readFileOf(path, 'a key').catch((cause: unknown) => {
    const { code, message } = PerigeeError.from(cause);
    throw new PerigeeError(code, `${message}; name another, or start a devnet, which makes one`, { cause });
  });
  try {
    return fromHex(text.toString('utf8').trim(), SECRET_BYTES);
  } catch (cause) {
    throw new PerigeeError(
      'STORE_CORRUPT',
      `${path} does not hold a key of ${2 * SECRET_BYTES} hexadecimal digits; name another file, or restore this one from a copy`,
      { cause },
    );
  }
}

/** The secret of a file, which is made where there is none: whole or not at all, and once, however many start at a time. */
export async function ensureSecret(path: string): Promise<Uint8Array> {
  await mkdir(dirname(path), { recursive: true });
  if (!existsSync(path)) {
    const fresh = `${path}.${toHex(cryptoRandomBytes(8))}`;
    try {
      await writeFileWhole(fresh, `${toHex(cryptoRandomBytes(SECRET_BYTES))}\n`);
      await link(fresh, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(fresh, { force: true });
    }
  }
  const secret = await readSecret(path);
  await chmod(path, 0o600);
  return secret;
}
