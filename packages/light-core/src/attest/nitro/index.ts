export type { NitroDocument } from './document.ts';
export { type NitroCheck, type NitroClaims, type NitroPolicy, verifyNitro } from './verify.ts';
