import type { Server, Socket } from 'node:net';
import { DIAL_TIMEOUT_MS, MAX_CONNECTIONS, MAX_WEBSOCKET_MESSAGE_BYTES } from '@perigee/wire';
import type { Transports } from './platform.ts';

interface WebSocketListener {
  readonly server: Server;
  readonly wsServer: { readonly options: { maxPayload?: number } };
}

function isWebSocketListener(listener: unknown): listener is WebSocketListener {
  return typeof listener === 'object' && listener !== null && 'wsServer' in listener && 'server' in listener;
}

/**
 * @libp2p/websockets 10.1 has no options for what strangers can do before the handshake: send messages of 100 MiB, open any number of
 * sockets, and keep one open without a word. Its listener is a plain object, so the bounds are set on it.
 */
export function hardenWebSocketListeners(transports: Transports): void {
  for (const listener of transports.getListeners()) {
    if (!isWebSocketListener(listener)) continue;
    listener.wsServer.options.maxPayload = MAX_WEBSOCKET_MESSAGE_BYTES;
    listener.server.maxConnections = MAX_CONNECTIONS;
    listener.server.prependListener('connection', closeIfSilent);
  }
}

function closeIfSilent(socket: Socket): void {
  const timer = setTimeout(() => {
    if (socket.bytesRead === 0) socket.destroy();
  }, DIAL_TIMEOUT_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}
