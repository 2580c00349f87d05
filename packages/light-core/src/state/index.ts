export { iavlInnerBytes, iavlInnerOp, iavlLeafBytes, iavlLeafOp, type Side } from './iavl.ts';
export * from './keys.ts';
export {
  COMPUTE_POOL,
  FEE_POOL,
  FLOW_ADDRESS,
  isKeyless,
  KV_POOL,
  MARKET_ADDRESS,
  SLASH_POOL,
  STAKE_POOL,
  STORAGE_POOL,
  SYSTEM_ADDRESS,
} from './pools.ts';
export { type Bound, placeIn, type StateRange } from './range.ts';
export { type ProvedEntry, type ProvedRange, verifyStateRun } from './run.ts';
export { appHashOf, proveStore, type StoreRoot } from './stores.ts';
export { verifyStateProof } from './verify.ts';
