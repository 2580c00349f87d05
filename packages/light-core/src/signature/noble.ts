import type { VerifyEd25519 } from './verify.ts';

/**
 * ZIP-215 by noble (`zip215.ts`). It is 13 KiB of a page that hardly ever needs it, so it comes with the first signature that nothing faster says yes to;
 * where it cannot be loaded there is no verdict, and this throws.
 */
export const nobleEd25519: VerifyEd25519 = async (publicKey, message, signature) => {
  const { verifyZip215 } = await import('./zip215.ts');
  return verifyZip215(publicKey, message, signature);
};
