/** Keys of a home, by name: `<home>/<name>.key`. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Ed25519Signer, secp256k1Signer } from '@perigee/light-core/tx';
import { ed25519Address, PerigeeError, toHex } from '@perigee/wire';
import type { OptionSpec } from './cli/args.ts';
import { ensureKey, ensureSecret, type KeyScheme, readKey, readSecretKey, type SecretKey } from './keys.ts';
import { nativeSigner } from './native-signer.ts';

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const EXTENSION = '.key';

/** A key as it may be shown. */
export interface KeyView {
  readonly name: string;
  readonly scheme: KeyScheme;
  /** Of its account, hexadecimal. */
  readonly address: string;
  /** Hexadecimal: of ed25519, 32 bytes, what `tx grant` and validators name; of secp256k1, 33 bytes, what `put --to` names. */
  readonly publicKey: string;
  readonly path: string;
}

/** Where the key of a name is. @throws INVALID_ARGUMENT */
export function keyPath(home: string, name: string): string {
  if (!NAME.test(name)) {
    throw new PerigeeError('INVALID_ARGUMENT', `"${name}" is no name of a key: small letters, digits, - and _, at most 63`);
  }
  return join(home, `${name}${EXTENSION}`);
}

/** Where the key is that somebody named: by its name in the home, or by its file. */
export function namedKeyPath(home: string, nameOrFile: string): string {
  return NAME.test(nameOrFile) && !existsSync(nameOrFile) ? keyPath(home, nameOrFile) : nameOrFile;
}

/** `--key` of every command that pays or signs. */
export const KEY_OPTION = {
  kind: 'text',
  value: 'NAME|FILE',
  help: 'key that signs and whose account pays: its name in the home, or its file (default "account", made at the first use)',
} as const satisfies OptionSpec;

/** The key that was named, or else `account` of a home, made at the first use. @throws NOT_FOUND, REFUSED, STORE_CORRUPT */
export async function accountKey(home: string, named: string | undefined): Promise<SecretKey> {
  if (named !== undefined) return readSecretKey(namedKeyPath(home, named));
  const path = keyPath(home, 'account');
  if (!existsSync(path)) await ensureSecret(path);
  return readSecretKey(path);
}

/** The same where only an ed25519 key will do. @throws what `accountKey` throws, and STORE_CORRUPT for another */
export function accountSigner(home: string, named: string | undefined): Promise<Ed25519Signer> {
  return named === undefined ? ensureKey(keyPath(home, 'account')) : readKey(namedKeyPath(home, named));
}

/** All keys of a home, by name. @throws STORE_CORRUPT */
export async function listKeys(home: string): Promise<readonly KeyView[]> {
  const files = existsSync(home) ? await readdir(home) : [];
  const names = files.filter((file) => file.endsWith(EXTENSION)).map((file) => file.slice(0, -EXTENSION.length));
  return Promise.all(
    names
      .filter((name) => NAME.test(name))
      .sort()
      .map((name) => viewKey(home, name)),
  );
}

/** @throws INVALID_ARGUMENT, NOT_FOUND, STORE_CORRUPT */
export async function viewKey(home: string, name: string): Promise<KeyView> {
  const path = keyPath(home, name);
  return keyView(name, path, await readSecretKey(path));
}

export function keyView(name: string, path: string, { scheme, secret }: SecretKey): KeyView {
  if (scheme === 'secp256k1') {
    const { address, publicKey } = secp256k1Signer(secret);
    return { name, scheme, address: toHex(address), publicKey: toHex(publicKey), path };
  }
  const { publicKey } = nativeSigner(secret);
  return { name, scheme, address: toHex(ed25519Address(publicKey)), publicKey: toHex(publicKey), path };
}
