/** A light client for any CometBFT 0.38 chain, with all that it needs in a page and in Node. See docs/light-client.md. */
export * from '@perigee/light-core/comet/client';
export { systemClock } from '@perigee/net/clock';
export type { Fetch } from '@perigee/net/json-rpc';
export { type HeaderValues, type HeaderValuesOptions, openHeaderValues } from '#header-values';
export { RpcNode, type RpcNodeOptions } from './rpc-node.ts';
