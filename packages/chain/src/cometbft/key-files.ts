/** Key files as CometBFT v0.38 reads them. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { toBase64, validatorAddress } from '@perigee/light-core/comet';
import { concat, toHex } from '@perigee/wire';

/** PKCS#8 of an ed25519 key up to its 32 bytes (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_BYTES = 32;

/** `priv_validator_key.json`. @param secret 32 bytes */
export function validatorKeyJson(secret: Uint8Array): string {
  const key = publicKeyOf(secret);
  return json({
    address: toHex(validatorAddress(key)).toUpperCase(),
    pub_key: { type: 'tendermint/PubKeyEd25519', value: toBase64(key) },
    priv_key: privateKey(secret),
  });
}

/** `node_key.json`. @param secret 32 bytes */
export function nodeKeyJson(secret: Uint8Array): string {
  return json({ priv_key: privateKey(secret) });
}

/** By which other CometBFT nodes know this one: the address of its node key. @param secret 32 bytes */
export function nodeIdOf(secret: Uint8Array): string {
  return toHex(validatorAddress(publicKeyOf(secret)));
}

/** `priv_validator_state.json` of a validator that has signed nothing yet. */
export const NOTHING_SIGNED = json({ height: '0', round: 0, step: 0 });

/** CometBFT keeps a secret with its public key behind it. */
function privateKey(secret: Uint8Array): { type: string; value: string } {
  return { type: 'tendermint/PrivKeyEd25519', value: toBase64(concat(secret, publicKeyOf(secret))) };
}

function publicKeyOf(secret: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: 'der', type: 'pkcs8' });
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return Uint8Array.from(der.subarray(-KEY_BYTES));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
