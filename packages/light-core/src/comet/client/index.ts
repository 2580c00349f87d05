/** A light client for any CometBFT 0.38 chain. It does no I/O of its own: providers, store, clock and signature verifier are given to it. */
export type { AttackReport, ReportedAttack } from './detector.ts';
export type { HeaderStore, KeyValues } from './header-store.ts';
export { type KeptHeadersOptions, openHeaderStore } from './kept-headers.ts';
export {
  type CallSignal,
  type Checkpoint,
  createLightClient,
  type LightClient,
  type LightClientOptions,
} from './light-client.ts';
export { memoryValues } from './memory-values.ts';
export type { LightProvider, ProviderOptions } from './provider.ts';
export type { VerificationMode } from './verification.ts';
export { type TxProvider, type VerifiedTx, verifiedTx } from './verified-tx.ts';
