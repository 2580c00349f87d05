// What 0G's SDK makes of encrypted files: one JSON list on standard input, of {version, key, to, content} to encrypt and {key, sealed} to decrypt, all in
// hexadecimal; out the encrypted files, and what they hold.

import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';

const sdk = createRequire(import.meta.url)('@0gfoundation/0g-ts-sdk');
const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');

function encrypt({ version, key, to, content }) {
  const data = bytes(content);
  if (version === 1) {
    const header = sdk.newSymmetricHeader();
    sdk.cryptAt(bytes(key), header.nonce, 0, data);
    return Buffer.concat([header.toBytes(), data]);
  }
  const { header, key: agreed } = sdk.newEciesHeader(bytes(to));
  sdk.cryptAt(agreed, header.nonce, 0, data);
  return Buffer.concat([header.toBytes(), data]);
}

function decrypt({ version, key, sealed }) {
  const header = sdk.parseEncryptionHeader(bytes(sealed));
  const used = version === 1 ? bytes(key) : sdk.deriveEciesDecryptKey(bytes(key), header.ephemeralPub);
  return sdk.decryptFile(used, bytes(sealed));
}

console.log(
  JSON.stringify((await json(process.stdin)).map((one) => hex(one.sealed === undefined ? encrypt(one) : decrypt(one)))),
);
