/** Runs in the page of a site: announces a provider by EIP-6963, and gives what it is asked to the bridge. */
import { MAX_SITE_REQUEST_CHARACTERS } from '@perigee/wire';
import { type Connection, FROM_PAGE, type SiteEvent, type SiteReply, TO_PAGE } from '../messages.ts';

/** Put in by the build: a data URI. */
declare const PERIGEE_ICON: string;

const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;
const MAX_LISTENERS = 64;
/** Events that tell of the connection to a chain. */
const OF_CONNECTION: ReadonlySet<string> = new Set(['connect', 'disconnect', 'chainChanged']);

interface RequestArguments {
  readonly method: string;
  readonly params?: unknown;
}

type Listener = (value: unknown) => void;

/** EIP-1193's error. */
class ProviderRpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = 'ProviderRpcError';
    this.code = code;
    this.data = data;
  }
}

let lastId = 0;
const waiting = new Map<number, (reply: SiteReply) => void>();
const listeners = new Map<string, Set<Listener>>();
/** Chain that the node follows now, and the last one that it followed, as far as this page may know. */
let chainId: string | undefined;
let lastChainId: string | undefined;

/** From then on this page hears of the connection. One that has no use for the provider costs nothing. */
function watch(): void {
  window.postMessage({ to: FROM_PAGE, watch: true }, '/');
}

function textOf(given: RequestArguments | undefined): string {
  if (typeof given !== 'object' || given === null || typeof given.method !== 'string') {
    throw new ProviderRpcError(INVALID_REQUEST, 'a request is an object with a method and, where the method has some, params');
  }
  let text: string;
  try {
    text = JSON.stringify({ method: given.method, params: given.params });
  } catch {
    throw new ProviderRpcError(INVALID_PARAMS, 'params must be what JSON can carry');
  }
  if (text.length > MAX_SITE_REQUEST_CHARACTERS) {
    throw new ProviderRpcError(
      INVALID_PARAMS,
      `params are too long: a request has at most ${MAX_SITE_REQUEST_CHARACTERS} characters`,
    );
  }
  return text;
}

const provider = Object.freeze({
  isPerigee: true,
  /** Whether the node follows a chain and has somebody to ask: `connect` and `disconnect` tell when that changes. `false` where this site may not ask. */
  isConnected(): boolean {
    watch();
    return chainId !== undefined;
  },
  async request(given: RequestArguments): Promise<unknown> {
    const request = textOf(given);
    watch();
    const id = ++lastId;
    const reply = await new Promise<SiteReply>((resolve) => {
      waiting.set(id, resolve);
      window.postMessage({ to: FROM_PAGE, id, request }, '/');
    });
    if ('error' in reply) throw new ProviderRpcError(reply.error.code, reply.error.message, reply.error.data);
    return JSON.parse(reply.result) as unknown;
  },
  on(name: string, listener: Listener) {
    const known = listeners.get(name) ?? new Set();
    listeners.set(name, known);
    if (known.size < MAX_LISTENERS) known.add(listener);
    if (OF_CONNECTION.has(name)) watch();
    return provider;
  },
  removeListener(name: string, listener: Listener) {
    listeners.get(name)?.delete(listener);
    return provider;
  },
});

function tell(name: string, value: unknown): void {
  for (const listener of [...(listeners.get(name) ?? [])]) {
    try {
      listener(value);
    } catch (thrown) {
      console.error(thrown); // one listener must not silence the others
    }
  }
}

function follow(connection: Connection): void {
  if ('error' in connection) {
    const { code, message, data } = connection.error;
    chainId = undefined;
    tell('disconnect', new ProviderRpcError(code, message, data));
    return;
  }
  const isAnother = lastChainId !== undefined && lastChainId !== connection.chainId;
  const wasConnected = chainId !== undefined;
  chainId = connection.chainId;
  lastChainId = chainId;
  if (!wasConnected) tell('connect', Object.freeze({ chainId }));
  if (isAnother) tell('chainChanged', chainId);
}

window.addEventListener('message', ({ source, data }) => {
  if (source !== window || typeof data !== 'object' || data === null || data.to !== TO_PAGE) return;
  const { id, reply, event, connection } = data as {
    readonly id?: number;
    readonly reply?: SiteReply;
    readonly event?: SiteEvent;
    readonly connection?: Connection;
  };
  if (event !== undefined) tell('message', event);
  if (connection !== undefined) follow(connection);
  if (id === undefined || reply === undefined) return;
  waiting.get(id)?.(reply);
  waiting.delete(id);
});

/** Version 4, also where a page has no secure context. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const info = Object.freeze({ uuid: uuid(), name: 'Perigee', icon: PERIGEE_ICON, rdns: 'org.perigee' });
const announce = (): void => {
  window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }));
};
window.addEventListener('eip6963:requestProvider', announce);
announce();
