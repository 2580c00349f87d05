/** Runs in the page of a site: announces a provider by EIP-6963, and gives what it is asked to the bridge. */
import { MAX_SITE_REQUEST_CHARACTERS } from '@perigee/wire';
import { FROM_PAGE, type SiteEvent, type SiteReply, TO_PAGE } from '../messages.ts';

/** Put in by the build: a data URI. */
declare const PERIGEE_ICON: string;

const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;
const MAX_LISTENERS = 64;

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
  async request(given: RequestArguments): Promise<unknown> {
    const request = textOf(given);
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
    return provider;
  },
  removeListener(name: string, listener: Listener) {
    listeners.get(name)?.delete(listener);
    return provider;
  },
});

function tell(event: SiteEvent): void {
  for (const listener of [...(listeners.get('message') ?? [])]) {
    try {
      listener(event);
    } catch (thrown) {
      console.error(thrown); // one listener must not silence the others
    }
  }
}

window.addEventListener('message', ({ source, data }) => {
  if (source !== window || typeof data !== 'object' || data === null || data.to !== TO_PAGE) return;
  const { id, reply, event } = data as { readonly id?: number; readonly reply?: SiteReply; readonly event?: SiteEvent };
  if (event !== undefined) tell(event);
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
