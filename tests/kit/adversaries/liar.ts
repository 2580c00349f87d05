import {
  createHost,
  type Handler,
  type Host,
  headersProtocol,
  open,
  type Protocol,
  rowsProtocol,
  serve,
  stateProtocol,
  statusProtocol,
} from '@perigee/net';
import type {
  HeaderAnswer,
  HeadersRequest,
  RowAnswer,
  RowsRequest,
  StateAnswer,
  StateRequest,
  Status,
  StatusRequest,
} from '@perigee/wire';
import type { LocalMember, LocalNetwork } from '../local-network.ts';

/** Makes the handler of a lie out of the honest one. */
export type Lie<Request, Answer> = (honest: Handler<Request, Answer>) => Handler<Request, Answer>;
export type HeaderLie = Lie<HeadersRequest, HeaderAnswer>;
export type StateLie = Lie<StateRequest, StateAnswer>;
export type RowLie = Lie<RowsRequest, RowAnswer>;
export type StatusLie = Lie<StatusRequest, Status>;

export interface Lies {
  readonly status?: StatusLie;
  readonly headers?: HeaderLie;
  readonly state?: StateLie;
  readonly rows?: RowLie;
}

/** A peer that speaks our protocols: it passes on what an honest host answers, but for its lies. */
export interface Liar {
  readonly host: Host;
  /** Requests that came in, by protocol. */
  readonly asked: { status: number; headers: number; state: number; rows: number };
  stop(): Promise<void>;
}

/** A liar that serves the chain as the honest host of a network does. */
export function startChainLiar(network: LocalNetwork, lies: Lies): Promise<Liar> {
  return startLiar(network.chainHost, lies);
}

/** A liar that took the place of a committee member: statuses of the whole network send clients to it. The member goes on beside it. */
export async function startMemberLiar(network: LocalNetwork, member: LocalMember, lies: Lies): Promise<Liar> {
  const liar = await startLiar(member.host, lies);
  await network.move(member, liar.host);
  return liar;
}

async function startLiar(honest: Host, lies: Lies): Promise<Liar> {
  const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  const target = { peerId: honest.peerId, multiaddrs: honest.multiaddrs() };
  const asked = { status: 0, headers: 0, state: 0, rows: 0 };
  const offer = <Request, Answer>(
    name: keyof typeof asked,
    protocol: Protocol<Request, Answer>,
    lie: Lie<Request, Answer> = (same) => same,
  ) => {
    const relay: Handler<Request, Answer> = (request, { signal }) =>
      open(host, target, protocol).call(request, { signal, timeoutMs: Number.POSITIVE_INFINITY });
    const handler = lie(relay);
    return serve(host, protocol, (request, context) => {
      asked[name]++;
      return handler(request, context);
    });
  };
  await Promise.all([
    offer('status', statusProtocol, lies.status),
    offer('headers', headersProtocol, lies.headers),
    offer('state', stateProtocol, lies.state),
    offer('rows', rowsProtocol, lies.rows),
  ]);
  return { host, asked, stop: () => host.stop() };
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
