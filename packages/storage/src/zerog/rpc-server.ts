import { HttpError, startHttpServer } from '@perigee/net/http';
import type { PerigeeError } from '@perigee/wire';
import { answerRpc, type RpcMethods } from './http/json-rpc.ts';

export interface RpcServerOptions {
  /** IP address to listen on. */
  readonly listen: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly methods: readonly RpcMethods[];
  /** Told of failures that no client is told of. */
  readonly onFault: (error: PerigeeError) => void;
}

/**
 * JSON-RPC alone, by POST to `/`: of a node that has methods, and stores no files.
 *
 * @throws UNREACHABLE when the port is taken
 */
export async function startRpcServer(options: RpcServerOptions): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const { listen, port, methods, onFault } = options;
  const server = await startHttpServer({
    host: listen,
    port,
    async answer(request) {
      const { method, url, body } = request;
      if (url.pathname !== '/') throw new HttpError(404, 'there is nothing here');
      if (method !== 'POST') throw new HttpError(405, 'JSON-RPC is spoken here, by POST', { Allow: 'POST, OPTIONS' });
      const text = await answerRpc(body, methods, request, onFault);
      return text === undefined ? { status: 204 } : { status: 200, body: text };
    },
    onFault,
  });
  return { port: server.port, stop: () => server.close() };
}
