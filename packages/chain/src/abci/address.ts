import type { ListenOptions } from 'node:net';
import { PerigeeError } from '@perigee/wire';

/** Longest path of a unix socket on Linux, bytes; the kernel would cut a longer one. */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * An address as CometBFT's `proxy_app` names it: `unix:///path/to.sock` or `tcp://127.0.0.1:26658`.
 *
 * @throws INVALID_ARGUMENT
 */
export function parseAddress(address: string): Pick<ListenOptions, 'path' | 'host' | 'port'> {
  const [, path] = /^unix:\/\/(\/.+)$/.exec(address) ?? [];
  if (path !== undefined) {
    if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return { path };
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `the path of socket "${address}" is longer than ${MAX_SOCKET_PATH_BYTES} bytes; choose a shorter one`,
    );
  }
  const [, host, port] = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new PerigeeError('INVALID_ARGUMENT', `"${address.slice(0, 120)}" is neither unix:///PATH nor tcp://HOST:PORT`);
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
