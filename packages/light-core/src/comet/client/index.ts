/**
 * A light client for any CometBFT 0.38 chain. It does no I/O of its own: providers, store and clock are given to it. `@perigee/sampler/comet` is the same with
 * what a page and Node need; see docs/light-client.md.
 */
export { bestEd25519, type SubtleVerifier, type VerifyEd25519 } from '../../signature/index.ts';
export {
  type Attack,
  type AttackKind,
  formatTime,
  type TxResult,
  type Unverified,
  unverified,
  type VerifiedHeader,
  type VerifiedLightBlock,
} from '../index.ts';
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
