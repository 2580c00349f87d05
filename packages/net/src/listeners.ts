import type { Server, Socket } from 'node:net';
import { DIAL_TIMEOUT_MS, MAX_CONNECTIONS, MAX_PENDING_INBOUND, MAX_WEBSOCKET_MESSAGE_BYTES } from '@perigee/wire';
import { BoundedWebSocket } from './bounded-websocket.ts';
import type { Transports } from './platform.ts';

interface WebSocketListener {
  readonly server: Server;
  readonly wsServer: { readonly options: { maxPayload?: number; WebSocket?: unknown } };
}

interface WebRtcListener {
  readonly stunServer: { close(): Promise<void> };
  incomingConnection(...request: unknown[]): Promise<void>;
}

/** Sets on libp2p's listeners, which are plain objects, what their options do not offer. */
export function hardenListeners(transports: Transports): void {
  for (const listener of transports.getListeners()) {
    if (isWebSocketListener(listener)) hardenWebSocket(listener);
    else if (isWebRtcListener(listener)) hardenWebRtc(listener);
  }
}

/**
 * @libp2p/websockets 10.1 leaves open what strangers can do before the handshake: end the process with one malformed frame (nobody
 * listens for `error` on the socket), send messages of 100 MiB, open any number of sockets, and keep one open without a word.
 */
function hardenWebSocket({ server, wsServer }: WebSocketListener): void {
  wsServer.options.WebSocket = BoundedWebSocket;
  wsServer.options.maxPayload = MAX_WEBSOCKET_MESSAGE_BYTES;
  server.maxConnections = MAX_CONNECTIONS;
  server.prependListener('connection', closeIfSilent);
}

function closeIfSilent(socket: Socket): void {
  const timer = setTimeout(() => {
    if (socket.bytesRead === 0) socket.destroy();
  }, DIAL_TIMEOUT_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

/** What closes the UDP sockets of stopped hosts; held so that nothing collects their native objects. */
const kept: (() => Promise<void>)[] = [];

/**
 * @libp2p/webrtc 6.0 makes a native peer connection, which it keeps for 10 s, of every STUN packet with a new name from anyone: here
 * at most MAX_PENDING_INBOUND wait at once.
 *
 * And the UDP socket of a stopped host stays open until the process ends. `IceUdpMuxListener::stop` of libdatachannel 0.24.5 looks at
 * a flag that it never initialised; when that reads true it frees the listener without taking its callback out of the socket's thread,
 * and the next STUN packet, from anyone, ends the process. libp2p ignores packets for a host that was stopped.
 */
function hardenWebRtc(listener: WebRtcListener): void {
  const { stunServer } = listener;
  kept.push(stunServer.close);
  stunServer.close = async () => {};

  const accept = listener.incomingConnection.bind(listener);
  let pending = 0;
  listener.incomingConnection = async (...request) => {
    if (pending >= MAX_PENDING_INBOUND) return;
    pending++;
    try {
      await accept(...request);
    } finally {
      pending--;
    }
  };
}

function isWebSocketListener(listener: unknown): listener is WebSocketListener {
  return typeof listener === 'object' && listener !== null && 'wsServer' in listener && 'server' in listener;
}

function isWebRtcListener(listener: unknown): listener is WebRtcListener {
  return typeof listener === 'object' && listener !== null && 'stunServer' in listener && 'incomingConnection' in listener;
}
