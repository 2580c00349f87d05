/**
 * The small-order cases of ZIP-215: every pair of the fourteen encodings of points whose order divides the cofactor, as key and as R, with
 * s = 0. All 196 are valid under ZIP-215, for any message; RFC 8032 verifiers accept some or none of them.
 */
import { fromHex } from '@perigee/wire';

/** y-coordinates 1, −1, 0 and the two of order 8, each with both signs of x; then the encodings of y that are not reduced modulo 2^255 − 19. */
const ENCODINGS = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
];

export interface SignatureCase {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

export function smallOrderCases(): SignatureCase[] {
  return ENCODINGS.flatMap((key) =>
    ENCODINGS.map((r) => ({ publicKey: fromHex(key), signature: fromHex(`${r}${'00'.repeat(32)}`) })),
  );
}
