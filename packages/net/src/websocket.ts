import { BoundedWebSocket } from './bounded-websocket.ts';

// Node 20 has no WebSocket of its own; @libp2p/websockets dials with the global one
const scope: { WebSocket?: unknown } = globalThis;
scope.WebSocket ??= BoundedWebSocket;
