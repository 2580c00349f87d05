import { lstat, rm } from 'node:fs/promises';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { MAX_ABCI_CONNECTIONS, MAX_ABCI_FRAME_BYTES, MAX_ABCI_SOCKETS, PerigeeError, Turn } from '@perigee/wire';
import type { Application } from '../application/index.ts';
import { parseAddress } from './address.ts';
import { answer } from './answer.ts';
import { Connection } from './connection.ts';

export interface AbciServerOptions {
  /**
   * Where engines connect: `unix:///path/to.sock` or `tcp://127.0.0.1:26658` (port 0: a free one). ABCI knows no authentication: who
   * reaches the address drives the application.
   */
  readonly address: string;
  /** Longest request, bytes. At least the consensus parameter `block.max_bytes`, and 16 MiB for chunks of snapshots. */
  readonly maxFrameBytes?: number;
  /** Told of what ended a connection: a request that cannot be read, or a call that the application failed. */
  readonly onFault?: (error: PerigeeError) => void;
}

/**
 * Serves an application over ABCI 2.0 sockets, as CometBFT v0.38 connects to them (`proxy_app` with `abci = "socket"`).
 *
 * Each of CometBFT's four connections has its answers in the order of its requests. Calls that change the state, or tell where it is, are made one
 * at a time over all connections; `checkTx`, `query` and the reading of snapshots run beside them. One connection drives the chain while it
 * lives: a second engine is refused.
 */
export class AbciServer {
  readonly #app: Application;
  readonly #maxFrameBytes: number;
  readonly #onFault: (error: PerigeeError) => void;
  /** Those that are served. */
  readonly #served = new Set<Connection>();
  /** Those whose socket is open. */
  readonly #open = new Set<Connection>();
  readonly #turn = new Turn();
  readonly #server: Server;
  #driver: Connection | undefined;

  private constructor(app: Application, { maxFrameBytes = MAX_ABCI_FRAME_BYTES, onFault = () => {} }: AbciServerOptions) {
    this.#app = app;
    this.#maxFrameBytes = maxFrameBytes;
    this.#onFault = onFault;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = MAX_ABCI_SOCKETS;
  }

  /**
   * Begin to listen. The socket of a server that died is taken over, that of one that lives is not.
   *
   * @throws INVALID_ARGUMENT for an address of another form, UNREACHABLE when it cannot be listened on
   */
  static async listen(app: Application, options: AbciServerOptions): Promise<AbciServer> {
    const where = parseAddress(options.address);
    if (where.path !== undefined) await removeDeadSocket(where.path);
    const server = new AbciServer(app, options);
    try {
      await listening(server.#server, where);
    } catch (cause) {
      throw new PerigeeError('UNREACHABLE', `cannot listen on ${options.address}: ${PerigeeError.from(cause).message}`, {
        cause,
      });
    }
    server.#server.on('error', (error) => server.#onFault(PerigeeError.from(error)));
    return server;
  }

  /** What to write in CometBFT's `proxy_app`. */
  get address(): string {
    const bound = this.#server.address();
    if (bound === null || !this.#server.listening) throw new PerigeeError('ABORTED', 'the server is closed');
    if (typeof bound === 'string') return `unix://${bound}`;
    return `tcp://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
  }

  /** Take no more connections, finish the calls under way, close. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    await Promise.all([...this.#open].map((connection) => connection.close()));
    await closed;
  }

  #accept(socket: Socket): void {
    const connection: Connection = new Connection({
      socket,
      maxFrameBytes: this.#maxFrameBytes,
      onEnd: (fault) => {
        this.#served.delete(connection);
        if (this.#driver === connection) this.#driver = undefined;
        if (fault !== undefined) this.#onFault(fault);
      },
      answer: (frame) =>
        answer(this.#app, frame, {
          exclusively: (work) => this.#turn.take(work),
          asDriver: (work) =>
            this.#turn.take(() => {
              this.#claim(connection);
              return work();
            }),
        }),
    });
    this.#open.add(connection);
    socket.once('close', () => this.#open.delete(connection));
    if (this.#served.size < MAX_ABCI_CONNECTIONS) this.#served.add(connection);
    else {
      connection.refuse(new PerigeeError('BUSY', `${MAX_ABCI_CONNECTIONS} connections are open already; an engine needs four`));
    }
  }

  #claim(connection: Connection): void {
    // who is gone drives nothing, and its last call must not be made for it
    if (!this.#served.has(connection)) throw new PerigeeError('ABORTED', 'the connection has closed');
    this.#driver ??= connection;
    if (this.#driver !== connection) {
      throw new PerigeeError('BUSY', 'another engine drives this application; end it first: two would fork its state');
    }
  }
}

function listening(server: Server, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A process that was killed leaves its socket file behind. What is there and is no socket stays, and listening will say so. */
async function removeDeadSocket(path: string): Promise<void> {
  const isSocket = await lstat(path).then(
    (found) => found.isSocket(),
    () => false,
  );
  if (!isSocket) return;
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
  if (!alive) await rm(path, { force: true });
}
