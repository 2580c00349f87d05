import {
  createHost,
  type Handler,
  type Host,
  headersProtocol,
  type KnownPeer,
  kvProtocol,
  type ListenOptions,
  open,
  type Protocol,
  rowsProtocol,
  serve,
  stateProtocol,
  statusProtocol,
  systemClock,
  txProtocol,
  uploadProtocol,
} from '@perigee/net';
import type {
  HeaderAnswer,
  HeadersRequest,
  KvAnswer,
  KvRequest,
  RowAnswer,
  RowsRequest,
  StateAnswer,
  StateRequest,
  Status,
  StatusRequest,
} from '@perigee/wire';
import type { LocalMember, LocalNetwork } from '../local-network.ts';

/** An honest peer is asked this often for those who watch a liar, milliseconds. */
const LOOK_AGAIN_MS = 100;

const LISTEN: ListenOptions = { host: '127.0.0.1', tcp: 0 };

/** Makes the handler of a lie out of the honest one. */
export type Lie<Request, Answer> = (honest: Handler<Request, Answer>) => Handler<Request, Answer>;
export type HeaderLie = Lie<HeadersRequest, HeaderAnswer>;
export type StateLie = Lie<StateRequest, StateAnswer>;
export type RowLie = Lie<RowsRequest, RowAnswer>;
export type KvLie = Lie<KvRequest, KvAnswer>;
export type StatusLie = Lie<StatusRequest, Status>;

export interface Lies {
  readonly status?: StatusLie;
  readonly headers?: HeaderLie;
  readonly state?: StateLie;
  readonly rows?: RowLie;
  readonly kv?: KvLie;
}

/** A peer that speaks our protocols: it passes on what an honest host answers, but for its lies. */
export interface Liar {
  readonly host: Host;
  /** Requests that came in, by protocol. */
  readonly asked: { status: number; headers: number; state: number; rows: number; kv: number };
  stop(): Promise<void>;
}

/** A liar that serves the chain as the honest host of a network does. */
export function startChainLiar(network: LocalNetwork, lies: Lies, listen = LISTEN): Promise<Liar> {
  return startLiar(network.chainHost, lies, listen);
}

/** A liar that took the place of a committee member: statuses of the whole network send clients to it. The member goes on beside it. */
export async function startMemberLiar(network: LocalNetwork, member: LocalMember, lies: Lies): Promise<Liar> {
  const liar = await startLiar(member.host, lies);
  await network.move(member, liar.host);
  return liar;
}

async function startLiar(honest: Host, lies: Lies, listen = LISTEN): Promise<Liar> {
  const host = await createHost({ listen, allowPrivate: true });
  const target = { peerId: honest.peerId, multiaddrs: honest.multiaddrs() };
  const asked = await serveLies(host, { member: target, chain: target }, lies);
  return { host, asked, stop: () => host.stop() };
}

/** Whose honest answers are passed on. */
export interface Honest {
  /** Gives status and rows, and takes uploads. */
  readonly member: KnownPeer;
  /** Gives headers and state, and takes transactions. */
  readonly chain: KnownPeer;
}

/** Serves what the honest ones do, but for the lies. @returns what is asked, as it comes */
export async function serveLies(host: Host, { member, chain }: Honest, lies: Lies): Promise<Liar['asked']> {
  const asked = { status: 0, headers: 0, state: 0, rows: 0, kv: 0 };
  const relayTo =
    <Request, Answer>(target: KnownPeer, protocol: Protocol<Request, Answer>): Handler<Request, Answer> =>
    (request, { signal }) =>
      open(host, target, protocol).call(request, { signal, timeoutMs: Number.POSITIVE_INFINITY });
  const offer = <Request, Answer>(
    name: keyof typeof asked,
    honest: Handler<Request, Answer>,
    protocol: Protocol<Request, Answer>,
    lie: Lie<Request, Answer> = (same) => same,
  ) => {
    const handler = lie(honest);
    return serve(host, protocol, (request, context) => {
      asked[name]++;
      return handler(request, context);
    });
  };
  await Promise.all([
    offer('status', watchedBy(relayTo(member, statusProtocol)), statusProtocol, lies.status),
    offer('headers', relayTo(chain, headersProtocol), headersProtocol, lies.headers),
    offer('state', relayTo(chain, stateProtocol), stateProtocol, lies.state),
    offer('rows', relayTo(member, rowsProtocol), rowsProtocol, lies.rows),
    offer('kv', relayTo(chain, kvProtocol), kvProtocol, lies.kv),
    serve(host, uploadProtocol, relayTo(member, uploadProtocol)),
    serve(host, txProtocol, relayTo(chain, txProtocol)),
  ]);
  return asked;
}

/** Asks again and again for those who watch: two that watched over one stream would take it from all others. */
function watchedBy(ask: Handler<StatusRequest, Status>): Handler<StatusRequest, Status> {
  return async function* ({ watch }, context) {
    for (let height = -1; ; ) {
      for await (const status of ask({ watch: false }, context) as AsyncIterable<Status>) {
        if (status.height !== height) yield status;
        height = status.height;
      }
      if (!watch || context.signal.aborted) return;
      await systemClock.sleep(LOOK_AGAIN_MS, context.signal);
    }
  };
}

/** Changes each answer. */
export function eachAnswer<Request, Answer>(
  change: (answer: Answer, request: Request) => Answer | Promise<Answer>,
): Lie<Request, Answer> {
  return (honest) =>
    async function* (request, context) {
      const answers = honest(request, context);
      if (!(Symbol.asyncIterator in answers)) yield await change(await answers, request);
      else for await (const answer of answers) yield await change(answer, request);
    };
}

/** Asks the honest host for something else. */
export function otherRequest<Request, Answer>(change: (request: Request) => Request): Lie<Request, Answer> {
  return (honest) => (request, context) => honest(change(request), context);
}

/** A bit of the bytes flipped. */
export function flipped(bytes: Uint8Array, at = 0): Uint8Array {
  const out = bytes.slice();
  out[at] = (out[at] ?? 0) ^ 1;
  return out;
}
