/**
 * What the sidecar uses of Deno 2.9. A call beyond it is a decision about permissions and should look like one.
 *
 * Of `QuicIncoming` only `accept` and `refuse` can be used: every getter takes the connection out of it, and `accept` then finds none.
 */
interface DenoApi {
  readonly QuicEndpoint: new (options: { hostname: string; port: number }) => QuicEndpoint;
  readonly stdin: { readonly readable: ReadableStream<Uint8Array> };
  readonly stdout: { writeSync(bytes: Uint8Array): number };
  connect(options: { transport: 'unix'; path: string }): Promise<UnixConn>;
  memoryUsage(): { readonly rss: number };
  addSignalListener(signal: 'SIGINT', handler: () => void): void;
  exit(code: number): never;
}

export interface UnixConn {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

interface QuicEndpoint {
  /**
   * Called again it changes the certificate of connections to come. A listener that is collected takes the certificate of the endpoint with it, so each must be
   * held.
   */
  listen(options: {
    readonly cert: string;
    readonly key: string;
    readonly alpnProtocols: readonly string[];
    readonly keepAliveInterval: number;
    readonly maxIdleTimeout: number;
    readonly maxConcurrentBidirectionalStreams: number;
    readonly maxConcurrentUnidirectionalStreams: number;
  }): QuicListener;
}

export interface QuicListener {
  incoming(): Promise<QuicIncoming>;
}

export interface QuicIncoming {
  /** At once, so that a handshake can be cut off: the connection says when it is over. */
  accept(options: { readonly zeroRtt: true }): QuicConn;
}

export interface QuicConn {
  readonly remoteAddr: { readonly hostname: string; readonly port: number };
  readonly handshake: Promise<unknown>;
  readonly closed: Promise<unknown>;
  readonly incomingBidirectionalStreams: ReadableStream<QuicStream>;
  createBidirectionalStream(options: { readonly waitUntilAvailable: boolean }): Promise<QuicStream>;
  createUnidirectionalStream(): Promise<WritableStream<Uint8Array>>;
  close(info?: { readonly closeCode: number; readonly reason: string }): void;
}

export interface QuicStream {
  readonly readable: ReadableStream<Uint8Array> & { readonly id: bigint };
  /** Aborted it sends what it has, and its end: Deno resets no stream. */
  readonly writable: WritableStream<Uint8Array>;
}

export const deno = (globalThis as unknown as { Deno: DenoApi }).Deno;
