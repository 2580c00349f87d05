import { ed25519Signer } from '@perigee/light-core/tx';
import { utf8 } from '@perigee/wire';
import { expect, it } from 'vitest';
import { nativeSigner } from '../src/native-signer.ts';

it('has the keys and the signatures of the signer that the product has', async () => {
  for (const first of [0, 1, 255]) {
    const secret = new Uint8Array(32).fill(7).fill(first, 0, 1);
    const [native, own] = [nativeSigner(secret), ed25519Signer(secret)];
    expect(native.publicKey).toEqual(own.publicKey);
    for (const text of ['', 'a vote'.repeat(40)]) expect(await native.sign(utf8(text))).toEqual(await own.sign(utf8(text)));
  }
});
