export { iavlInnerBytes, iavlInnerOp, iavlLeafBytes, iavlLeafOp, type Side } from './iavl.ts';
export * from './keys.ts';
export { appHashOf, proveStore, type StoreRoot } from './stores.ts';
export { verifyStateProof } from './verify.ts';
