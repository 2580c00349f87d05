import { createHash, timingSafeEqual } from 'node:crypto';
import { type HttpAnswer, HttpError, type HttpRequest, type HttpStream, startHttpServer } from '@perigee/net/http';
import type { LightNode } from '@perigee/sampler';
import type { FileParts } from '@perigee/sampler/files';
import { answerRpc } from '@perigee/storage/http';
import { type ErrorCode, PerigeeError } from '@perigee/wire';
import type { Monitor } from '../health/monitor.ts';
import { answerBlob } from './blob-route.ts';
import { answerFile } from './file-route.ts';
import { answerKv } from './kv-route.ts';
import { lightMethods } from './light-methods.ts';
import { httpRefusal, refusalOf, rpcWorded } from './refusal.ts';

export interface LightServerOptions {
  /** Loopback address. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Who asks says it: `Authorization: Bearer …`. */
  readonly token: string;
  /** Origins of the pages that may ask. */
  readonly origins: readonly string[];
  readonly node: LightNode;
  readonly files: FileParts;
  /** Where blobs lie until all of them is verified. */
  readonly folder: string;
  /** `/metrics` and `/healthz`: sums without secrets, for who watches this machine, without the token. */
  readonly monitor?: Monitor;
  readonly onFault: (error: PerigeeError) => void;
}

export interface LightServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What answers a path: the first part of it names the route, the others are its own. */
export type Route = (request: HttpRequest, parts: readonly string[]) => Promise<HttpAnswer | HttpStream>;

const STATUS: Partial<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  PARSE: 400,
  NOT_FOUND: 404,
  BLOB_EXPIRED: 410,
  PRUNED: 410,
  INTERNAL: 500,
};

/**
 * Serves what a light node verified, and nothing else, to programs of this machine that know the token.
 *
 * @throws UNREACHABLE when the port is taken
 */
export async function startLightServer(options: LightServerOptions): Promise<LightServer> {
  const { host, port, token, origins, node, files, folder, monitor, onFault } = options;
  const methods = [lightMethods(node)];
  const routes = new Map<string, Route>([
    ['kv', answerKv(node)],
    ['file', answerFile(files)],
    ['blob', answerBlob(node, folder)],
  ]);

  async function answer(request: HttpRequest): Promise<HttpAnswer | HttpStream> {
    checkHost(request, host);
    const { method, url, body } = request;
    const watched = method === 'GET' || method === 'HEAD' ? monitor?.answer(url.pathname) : undefined;
    if (watched !== undefined) return watched;
    checkToken(request, token);
    const [name = '', ...parts] = partsOf(url);
    if (name === '' && parts.length === 0) {
      if (method !== 'POST') throw new HttpError(405, 'JSON-RPC is spoken here, by POST', { Allow: 'POST, OPTIONS' });
      const text = await answerRpc(body, methods, request, onFault, rpcWorded);
      return text === undefined ? { status: 204 } : { status: 200, body: text };
    }
    const route = routes.get(name);
    if (route === undefined) throw new HttpError(404, 'there is /kv, /file, /blob, /metrics, /healthz, and JSON-RPC at /');
    if (method !== 'GET' && method !== 'HEAD') throw new HttpError(405, 'this is read by GET', { Allow: 'GET, HEAD, OPTIONS' });
    try {
      return await route(request, parts);
    } catch (thrown) {
      if (thrown instanceof HttpError || request.signal.aborted) throw thrown;
      const error = PerigeeError.from(thrown);
      if (error.code === 'INTERNAL') onFault(error);
      return jsonAnswer(refusalOf(error), STATUS[error.code] ?? 503);
    }
  }

  const server = await startHttpServer({ host, port, origins, refusal: httpRefusal, answer, onFault });
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`, close: () => server.close() };
}

export function jsonAnswer(value: object, status = 200): HttpAnswer {
  return { status, body: `${JSON.stringify(value)}\n` };
}

/** A page of elsewhere whose name was made to lead here is none of ours. */
function checkHost({ headers }: HttpRequest, host: string): void {
  const name = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (!['localhost', '127.0.0.1', '::1', host].includes(name)) throw new HttpError(403, 'this is asked for by its own address');
}

function checkToken({ headers }: HttpRequest, token: string): void {
  const [, given = ''] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const [a, b] = [given, token].map((text) => createHash('sha256').update(text).digest());
  if (a !== undefined && b !== undefined && timingSafeEqual(a, b)) return;
  throw new HttpError(401, 'say the token: Authorization: Bearer …', { 'WWW-Authenticate': 'Bearer' });
}

function partsOf({ pathname }: URL): string[] {
  try {
    return pathname
      .slice(1)
      .split('/')
      .map((part) => decodeURIComponent(part));
  } catch {
    throw new HttpError(400, 'a part of this path is not well encoded');
  }
}
