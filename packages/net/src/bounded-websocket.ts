import { MAX_WEBSOCKET_MESSAGE_BYTES } from '@perigee/wire';
import { type ClientOptions, WebSocket } from 'ws';

/**
 * The WebSocket of `ws` for use by libp2p, which listens for `close` and never for `error`: without a listener one malformed frame of
 * the other end would end the process.
 */
export class BoundedWebSocket extends WebSocket {
  /** @param address `null` at the server's end */
  constructor(address: string | null, protocols?: string | string[], options?: ClientOptions) {
    super(address as string, protocols, { maxPayload: MAX_WEBSOCKET_MESSAGE_BYTES, ...options });
    this.on('error', () => {});
  }
}
