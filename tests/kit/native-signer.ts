/** For tests of packages: a test chain of four validators makes 40 signatures a second. */
export { nativeSigner } from '../../apps/node/src/native-signer.ts';
