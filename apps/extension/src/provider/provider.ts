import { limitedSignal } from '@perigee/net/abort';
import type { LightNode } from '@perigee/sampler';
import { SITE_WORK_MS } from '@perigee/wire';
import { CODE, failureOf, ProviderFailure } from '../failure.ts';
import type { SiteReply } from '../messages.ts';
import type { Access } from '../site-book.ts';
import type { SiteDesk, SiteLimits } from '../sites/index.ts';
import { type Context, METHODS } from './methods.ts';
import type { Place, Subscriptions } from './subscriptions.ts';

const MAX_METHOD_CHARACTERS = 64;
const SHOWN = 40;

/** Who asks, in the browser's word. */
export interface Asker extends Place {
  readonly origin: string;
}

export interface ProviderParts extends Pick<Context, 'now' | 'attest' | 'verifyReceipt' | 'shown'> {
  readonly node: (signal: AbortSignal) => Promise<LightNode>;
  readonly desk: Pick<SiteDesk, 'require' | 'confirm'>;
  readonly limits: SiteLimits;
  readonly subscriptions: Subscriptions;
  readonly signal: AbortSignal;
}

/** Answers what sites ask. In this order: is it one too many, can it be read, is there such a method, is it well said, may this site, and only then the work. */
export class Provider {
  readonly #parts: ProviderParts;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  /** @param request `{ method, params }` as JSON, whatever a page made it */
  async answer(asker: Asker, request: unknown): Promise<SiteReply> {
    try {
      return { result: JSON.stringify((await this.#limited(asker, request)) ?? null) };
    } catch (thrown) {
      return { error: failureOf(thrown) };
    }
  }

  async #limited(asker: Asker, request: unknown): Promise<unknown> {
    const leave = this.#parts.limits.enter(asker.origin, typeof request === 'string' ? request.length : 0);
    try {
      return await this.#work(asker, request);
    } finally {
      leave();
    }
  }

  async #work(asker: Asker, request: unknown): Promise<unknown> {
    const { desk, limits, subscriptions, signal, node, now, attest, verifyReceipt, shown } = this.#parts;
    const { work, access } = read(request);
    await desk.require(asker.origin, signal, access);
    const end = limits.begin();
    const until = limitedSignal(signal, SITE_WORK_MS);
    try {
      const result = await work({
        node: () => node(until),
        now,
        attest,
        verifyReceipt,
        signal: until,
        subscribe: async (kind) => `0x${await subscriptions.add(asker, kind)}`,
        unsubscribe: (id) => subscriptions.remove(asker, id),
        shown,
      });
      desk.confirm(asker.origin, access);
      return result;
    } finally {
      end();
    }
  }
}

function read(request: unknown): { readonly work: (context: Context) => Promise<unknown>; readonly access: Access } {
  if (typeof request !== 'string') throw new ProviderFailure(CODE.invalidRequest, 'a request is text');
  const { name, params } = parse(request);
  const method = METHODS.get(name);
  if (method === undefined) {
    throw new ProviderFailure(
      CODE.unsupportedMethod,
      `there is no method "${name.slice(0, SHOWN)}" here: this provider only reads what it verifies`,
    );
  }
  if (request.length > method.maxCharacters) {
    throw new ProviderFailure(CODE.invalidParams, `params of ${name} have at most ${method.maxCharacters} characters`);
  }
  return { work: method.read(params), access: method.access };
}

function parse(request: string): { readonly name: string; readonly params: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(request);
  } catch {
    throw new ProviderFailure(CODE.invalidRequest, 'a request is JSON');
  }
  const { method, params } = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  if (typeof method !== 'string' || method === '' || method.length > MAX_METHOD_CHARACTERS) {
    throw new ProviderFailure(CODE.invalidRequest, `a request names a method, of at most ${MAX_METHOD_CHARACTERS} characters`);
  }
  return { name: method, params };
}
