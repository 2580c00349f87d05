import type { Server, Socket } from 'node:net';
import { DIAL_TIMEOUT_MS, MAX_CONNECTIONS, MAX_WEBSOCKET_MESSAGE_BYTES } from '@perigee/wire';
import type { Transports } from './platform.ts';

interface WebSocketListener {
  readonly server: Server;
  readonly wsServer: { readonly options: { maxPayload?: number } };
}

interface WebRtcListener {
  readonly stunServer: { close(): Promise<void> };
}

/** Sets on libp2p's listeners, which are plain objects, what their options do not offer. */
export function hardenListeners(transports: Transports): void {
  for (const listener of transports.getListeners()) {
    if (isWebSocketListener(listener)) hardenWebSocket(listener);
    else if (isWebRtcListener(listener)) keepUdpMux(listener);
  }
}

/**
 * @libp2p/websockets 10.1 leaves open what strangers can do before the handshake: send messages of 100 MiB, open any number of
 * sockets, and keep one open without a word.
 */
function hardenWebSocket({ server, wsServer }: WebSocketListener): void {
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
 * Leaves the UDP socket of a stopped host open until the process ends. `IceUdpMuxListener::stop` of libdatachannel 0.24.5 looks at a
 * flag that it never initialised; when that reads true it frees the listener without taking its callback out of the socket's thread,
 * and the next STUN packet, from anyone, ends the process. libp2p ignores packets for a host that was stopped.
 */
function keepUdpMux({ stunServer }: WebRtcListener): void {
  kept.push(stunServer.close);
  stunServer.close = async () => {};
}

function isWebSocketListener(listener: unknown): listener is WebSocketListener {
  return typeof listener === 'object' && listener !== null && 'wsServer' in listener && 'server' in listener;
}

function isWebRtcListener(listener: unknown): listener is WebRtcListener {
  return typeof listener === 'object' && listener !== null && 'stunServer' in listener;
}
