import { join } from 'node:path';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { fromHex, PerigeeError, toHex } from '@perigee/wire';
import { readSecret, writeSecret } from './secret-file.ts';

/**
 * The host's ed25519 key, made at the first call: `identity.key`, libp2p's protobuf of the private key in hexadecimal.
 *
 * @throws STORE_CORRUPT when the file holds anything else; it is never replaced, because others know this host by it
 */
export async function loadIdentity(directory: string): Promise<PrivateKey> {
  const path = join(directory, 'identity.key');
  const text = await readSecret(path);
  if (text === undefined) {
    const key = await generateKeyPair('Ed25519');
    await writeSecret(path, `${toHex(privateKeyToProtobuf(key))}\n`);
    return key;
  }
  try {
    const key = privateKeyFromProtobuf(fromHex(text.trim()));
    if (key.type !== 'Ed25519') throw new PerigeeError('UNSUPPORTED', `it is a ${key.type} key`);
    return key;
  } catch (cause) {
    throw new PerigeeError(
      'STORE_CORRUPT',
      `${path} does not hold an ed25519 identity; restore it, or remove it to become a new peer`,
      {
        cause,
      },
    );
  }
}
