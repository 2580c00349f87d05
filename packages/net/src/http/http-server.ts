import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  HTTP_HEADERS_MS,
  HTTP_KEEP_ALIVE_MS,
  HTTP_STALL_MS,
  MAX_HTTP_ANSWERS_BYTES,
  MAX_HTTP_BODIES_BYTES,
  MAX_HTTP_BODIES_BYTES_PER_ADDRESS,
  MAX_HTTP_CONNECTIONS,
  MAX_HTTP_PATH_CHARACTERS,
  PerigeeError,
  SMALL_HTTP_BODY_BYTES,
} from '@perigee/wire';
import { readBody } from './body.ts';
import { HttpError } from './http-error.ts';
import { Room } from './room.ts';

/** Who calls. */
export interface Caller {
  /** Address of the other end. */
  readonly address: string;
  /** Fires when the caller has gone. */
  readonly signal: AbortSignal;
}

/** A request, with its body in memory. */
export interface HttpRequest extends Caller {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What is answered at once. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What is answered piece by piece: each is asked for when the one before it was taken. */
export interface HttpStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Called when no more of it is sent, however that came. */
  end(): void;
}

export interface HttpServerOptions {
  /** IP address to listen on. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Longest body of a request, bytes; by default MAX_HTTP_BODY_BYTES. */
  readonly maxBodyBytes?: number;
  /** Silence after which a connection is closed, milliseconds; by default that of a transfer that stands still. */
  readonly idleMs?: number;
  /** The same while an answer is made, which may take longer before its first byte. */
  readonly answerMs?: number;
  /** Origins of the pages that may ask; by default any page: then there must be nothing here that belongs to a visitor. */
  readonly origins?: readonly string[];
  /** What a refusal has in its body; by default as 0G's nodes say it. */
  readonly refusal?: (status: number, message: string) => object;
  /** @throws HttpError */
  readonly answer: (request: HttpRequest) => Promise<HttpAnswer | HttpStream>;
  readonly onFault: (error: PerigeeError) => void;
}

export interface HttpServer {
  readonly port: number;
  /** Ends every request. */
  close(): Promise<void>;
}

const EXPOSED =
  'Content-Length, Content-Range, Accept-Ranges, Content-Disposition, ETag, Perigee-Version, Perigee-Height, Perigee-Time, Perigee-Source';
const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, OPTIONS',
  'Access-Control-Max-Age': '86400',
} as const;
/** A body of bytes is never a page of this origin, whatever is in it. */
const SAFE = { 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': "default-src 'none'; sandbox" } as const;
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * An HTTP server whose memory is bounded, whoever asks and however slowly.
 *
 * @throws UNREACHABLE when the port is taken
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const bodies = new Room({ total: MAX_HTTP_BODIES_BYTES, perOwner: MAX_HTTP_BODIES_BYTES_PER_ADDRESS });
  const answers = new Room({ total: MAX_HTTP_ANSWERS_BYTES });
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: HTTP_HEADERS_MS / 2,
      headersTimeout: HTTP_HEADERS_MS,
      keepAliveTimeout: HTTP_KEEP_ALIVE_MS,
      requestTimeout: 0,
    },
    (request, response) => {
      const stop = new AbortController();
      response.once('close', () => stop.abort(new PerigeeError('ABORTED', 'the client has gone')));
      void serveOne(request, response, stop.signal).catch((thrown) => fail(request, response, thrown, options));
    },
  );
  server.maxConnections = MAX_HTTP_CONNECTIONS;
  server.setTimeout(options.idleMs ?? HTTP_STALL_MS + HTTP_KEEP_ALIVE_MS);

  async function serveOne(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const headers = { ...corsFor(request.headers.origin, options.origins), ...SAFE };
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const { method = 'GET' } = request;
    if (method === 'OPTIONS') {
      const asked = request.headers['access-control-request-headers'] ?? 'Content-Type';
      response.writeHead(204, { ...PREFLIGHT, 'Access-Control-Allow-Headers': asked }).end();
      return;
    }
    const url = urlOf(request);
    const address = request.socket.remoteAddress ?? '';
    const body =
      method === 'POST'
        ? await readBody(request, bodies, address, signal, options.maxBodyBytes)
        : { bytes: Buffer.alloc(0), release() {} };
    // the time between requests is set by the server itself
    if (options.answerMs !== undefined) request.socket.setTimeout(options.answerMs);
    try {
      const answer = await options.answer({ method, url, headers: request.headers, body: body.bytes, address, signal });
      body.release();
      if ('pieces' in answer) await send(response, answer, method === 'HEAD', signal);
      else await sendText(response, answer, answers, signal);
    } finally {
      body.release();
    }
  }

  await listen(server, options);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const words = `cannot serve HTTP on ${host} port ${port}: ${cause.message}; choose another`;
      reject(new PerigeeError('UNREACHABLE', words, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

function corsFor(origin: string | undefined, origins: readonly string[] | undefined): Record<string, string> {
  if (origins === undefined) return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': EXPOSED };
  const isAllowed = origin !== undefined && origins.includes(origin);
  return {
    ...(isAllowed ? { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED } : {}),
    Vary: 'Origin',
  };
}

/** @throws HttpError 400, 414 */
function urlOf({ url = '/' }: IncomingMessage): URL {
  if (url.length > MAX_HTTP_PATH_CHARACTERS)
    throw new HttpError(414, `a path has at most ${MAX_HTTP_PATH_CHARACTERS} characters`);
  try {
    return new URL(url, 'http://localhost');
  } catch {
    throw new HttpError(400, 'this is no path');
  }
}

async function sendText(
  response: ServerResponse,
  { status, headers = {}, body = '' }: HttpAnswer,
  answers: Room,
  signal: AbortSignal,
): Promise<void> {
  const bytes = Buffer.from(body);
  const type = body === '' ? {} : { 'Content-Type': 'application/json' };
  const release = bytes.length > SMALL_HTTP_BODY_BYTES ? await answers.take(bytes.length, '', signal) : () => {};
  try {
    response.writeHead(status, { ...type, 'Cache-Control': 'no-store', 'Content-Length': bytes.length, ...headers });
    response.end(bytes);
    await taken(response, signal);
  } finally {
    release();
  }
}

async function send(
  response: ServerResponse,
  { status, headers, pieces, end }: HttpStream,
  isHead: boolean,
  signal: AbortSignal,
): Promise<void> {
  try {
    response.writeHead(status, headers);
    if (!isHead) {
      for await (const piece of pieces) {
        signal.throwIfAborted();
        if (!response.write(piece)) await drained(response, signal);
      }
    }
    response.end();
    await taken(response, signal);
  } finally {
    end();
  }
}

/** @throws ABORTED when the client goes, or takes nothing for HTTP_STALL_MS */
function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return settled(response, 'drain', signal);
}

async function taken(response: ServerResponse, signal: AbortSignal): Promise<void> {
  if (!response.writableFinished) await settled(response, 'finish', signal);
}

function settled(response: ServerResponse, event: 'drain' | 'finish', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => response.destroy(), HTTP_STALL_MS);
    const end = (act: () => void): void => {
      clearTimeout(timer);
      response.off(event, onEvent);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onEvent = (): void => end(resolve);
    const onAbort = (): void => end(() => reject(new PerigeeError('ABORTED', 'the client has gone')));
    response.once(event, onEvent);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** Of an answer that was begun nothing can be taken back: the client sees that it ends too early. */
function fail(
  request: IncomingMessage,
  response: ServerResponse,
  thrown: unknown,
  { refusal = zerogRefusal, onFault }: Pick<HttpServerOptions, 'refusal' | 'onFault'>,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const isRefusal = thrown instanceof HttpError;
  if (!isRefusal) {
    const error = PerigeeError.from(thrown);
    if (error.code === 'ABORTED') {
      response.destroy();
      return;
    }
    onFault(error);
  }
  const status = isRefusal ? thrown.status : 500;
  const body = `${JSON.stringify(refusal(status, isRefusal ? thrown.message : 'the node failed'))}\n`;
  // what of the body was not read is not the next request
  const close = request.complete ? {} : { Connection: 'close' };
  const retry = status === 503 ? { 'Retry-After': '1' } : {};
  const headers = isRefusal ? thrown.headers : {};
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...close,
    ...retry,
    ...headers,
  });
  response.end(body);
}

function zerogRefusal(code: number, message: string): object {
  return { code, message, data: null };
}
