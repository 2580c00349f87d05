import './polyfill.ts';

export { abortable, createStopController, eitherSignal, limitedSignal } from './abort.ts';
export { type CallOptions, type KnownPeer, open, type ProtocolClient } from './client.ts';
export { systemClock } from './clock.ts';
export type { Connection, HostEvent, Traffic } from './connections.ts';
export { createHost, Host } from './create-host.ts';
export { dialPeer } from './dial.ts';
export type { PeerAddress } from './dial-plan.ts';
export type { HostOptions, ListenOptions, WebTransportOptions } from './host-options.ts';
export { defineProtocol, type Protocol } from './protocol.ts';
export * from './protocols.ts';
export { cryptoRandomBytes } from './random.ts';
export { type Handler, type RequestContext, serve } from './server.ts';
export type { QuotaLimits } from './server-quota.ts';
export { type StatusParts, serveStatus } from './status-service.ts';
export { TokenBucket } from './token-bucket.ts';
export { isPeerMultiaddr, isPrivateMultiaddr, type Transport } from './transport.ts';
export { Watchdog } from './watchdog.ts';
