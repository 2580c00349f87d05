export type { ServeContext } from './context.ts';
export { type FaucetContext, type FaucetOptions, serveFaucet } from './faucet.ts';
export { serveHeaders } from './headers.ts';
export { type KvContext, serveKv } from './kv.ts';
export { serveState } from './state.ts';
export { serveTx } from './tx.ts';
export { serveTxProof, type TxProver } from './tx-proof.ts';
