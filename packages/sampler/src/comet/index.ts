/** A light client for any CometBFT 0.38 chain, with all that it needs in a page and in Node. See docs/light-client.md. */
export {
  type Attack,
  type AttackKind,
  formatTime,
  type TxResult,
  type Unverified,
  unverified,
  type VerifiedHeader,
  type VerifiedLightBlock,
} from '@perigee/light-core/comet';
export * from '@perigee/light-core/comet/client';
export { bestEd25519, type VerifyEd25519 } from '@perigee/light-core/signature';
export { systemClock } from '@perigee/net/clock';
export type { Fetch } from '@perigee/net/json-rpc';
export { type HeaderValues, type HeaderValuesOptions, openHeaderValues } from '#header-values';
export { RpcNode, type RpcNodeOptions } from './rpc-node.ts';
