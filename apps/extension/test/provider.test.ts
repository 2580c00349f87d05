import { systemClock } from '@perigee/net';
import { createLightNode, type LightNode, type LightNodeState } from '@perigee/sampler';
import { MAX_SITE_SUBSCRIPTIONS, PerigeeError, SUBSCRIPTION_EVERY_MS } from '@perigee/wire';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CODE, ProviderFailure } from '../src/failure.ts';
import type { Delivery } from '../src/messages.ts';
import { Provider, Subscriptions } from '../src/provider/index.ts';
import { SiteBook } from '../src/site-book.ts';
import { SiteDesk, SiteLimits } from '../src/sites/index.ts';

const ASKER = { origin: 'https://dapp.example', tabId: 1, documentId: 'A' };
const { signal } = new AbortController();
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

function provider(allowed = true) {
  const required: string[] = [];
  const accesses: string[] = [];
  const subscriptions = new Subscriptions({ deliver: async () => true, random, now: () => 0 });
  const made = new Provider({
    desk: {
      async require(origin, _signal, access = 'answers') {
        required.push(origin);
        accesses.push(access);
        if (!allowed) throw new ProviderFailure(CODE.unauthorized, 'no');
      },
      confirm() {},
    },
    limits: new SiteLimits(systemClock),
    subscriptions,
    signal,
    now: () => 0,
    node: () => Promise.reject(new ProviderFailure(CODE.disconnected, 'the light node is paused', 'ABORTED')),
    attest: () => Promise.reject(new Error('not reached')),
    verifyReceipt: () => Promise.reject(new Error('not reached')),
    shown: () => ({ shown: true }),
  });
  return { made, required, accesses };
}

const ask = (made: Provider, method: unknown, params?: unknown) => made.answer(ASKER, JSON.stringify({ method, params }));

describe('the provider', () => {
  it.each([
    ['text that is no JSON', '{', -32600],
    ['no object', 'null', -32600],
    ['a list', '[]', -32600],
    ['no text', 5, -32600],
    ['no method', '{}', -32600],
    ['a method that is no text', '{"method":5}', -32600],
    ['a method without end', JSON.stringify({ method: 'x'.repeat(65) }), -32600],
    ['a method of a prototype', '{"method":"__proto__"}', 4200],
    ['a method of every object', '{"method":"toString"}', 4200],
    ['a method that changes something', '{"method":"eth_sendTransaction"}', 4200],
    ['a receipt that is missing', '{"method":"perigee_verifyReceipt"}', -32602],
    ['a receipt that is no base64', JSON.stringify({ method: 'perigee_verifyReceipt', params: { receipt: '!' } }), -32602],
    [
      'a receipt that is too long',
      JSON.stringify({ method: 'perigee_verifyReceipt', params: { receipt: 'A'.repeat(2_900_000) } }),
      -32602,
    ],
    [
      'a receipt with something else',
      JSON.stringify({ method: 'perigee_verifyReceipt', params: { receipt: 'AAAA', trust: true } }),
      -32602,
    ],
    ['a parameter that there is not', '{"method":"perigee_head","params":{"a":1}}', -32602],
    ['a prototype for parameters', '{"method":"perigee_daStatus","params":{"__proto__":{"blobId":"00"}}}', -32602],
    ['parameters that are text', '{"method":"perigee_head","params":"x"}', -32602],
    ['two objects', '{"method":"perigee_head","params":[{},{}]}', -32602],
    ['a blob id that is missing', '{"method":"perigee_daStatus"}', -32602],
    ['a blob id of another version', JSON.stringify({ method: 'perigee_daStatus', params: { blobId: '01'.repeat(33) } }), -32602],
    [
      'an odd number of digits',
      JSON.stringify({ method: 'perigee_kvGet', params: { stream: 'ab'.repeat(32), key: 'abc' } }),
      -32602,
    ],
    ['an empty key', JSON.stringify({ method: 'perigee_kvGet', params: { stream: 'ab'.repeat(32), key: '' } }), -32602],
    [
      'a key without end',
      JSON.stringify({ method: 'perigee_kvGet', params: { stream: 'ab'.repeat(32), key: 'ab'.repeat(1025) } }),
      -32602,
    ],
    [
      'a bound that is no number',
      JSON.stringify({ method: 'perigee_getBlob', params: { blobId: 'ab'.repeat(32), maxBytes: '5' } }),
      -32602,
    ],
    [
      'a bound above the largest',
      JSON.stringify({ method: 'perigee_getBlob', params: { blobId: 'ab'.repeat(32), maxBytes: 1e9 } }),
      -32602,
    ],
    ['a choice that there is not', JSON.stringify({ method: 'perigee_subscribe', params: { kind: 'newHeads' } }), -32602],
    ['base64 that is none', JSON.stringify({ method: 'perigee_verifyAttestation', params: { evidence: '!' } }), -32602],
    ['a name without end', JSON.stringify({ method: 'perigee_node', params: { after: 'x'.repeat(65) } }), -32602],
    ['more than there may be', JSON.stringify({ method: 'perigee_head', params: { a: 'x'.repeat(10_000) } }), -32602],
  ])('refuses %s before it asks anybody', async (_, request, code) => {
    const { made, required } = provider();
    expect(await made.answer(ASKER, request)).toMatchObject({ error: { code } });
    expect(required).toEqual([]);
  });

  it('asks whether the site may, and then says what keeps the node from answering', async () => {
    const { made, required } = provider();
    expect(await ask(made, 'perigee_head', [])).toMatchObject({
      error: { code: 4900, message: 'the light node is paused', data: { reason: 'ABORTED' } },
    });
    expect(required).toEqual([ASKER.origin]);
    expect(await ask(provider(false).made, 'perigee_head')).toMatchObject({ error: { code: 4100 } });
  });

  it('shows the whole node only to whom that was allowed', async () => {
    const { made, accesses } = provider();
    expect(await ask(made, 'perigee_node', [{ after: 'x/1' }])).toEqual({ result: '{"shown":true}' });
    await ask(made, 'perigee_requestAccess');
    expect(accesses).toEqual(['node', 'answers']);
  });

  it('gives no answer to a site that lost the permission while it waited', async () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
    };
    const book = new SiteBook(
      () => storage,
      () => 0,
    );
    book.decide(ASKER.origin, 'allowed');
    let isTaken = false;
    const made = new Provider({
      desk: new SiteDesk({ book, open: async () => {}, onChange: () => {}, now: () => 0 }),
      limits: new SiteLimits(systemClock),
      subscriptions: new Subscriptions({ deliver: async () => true, random, now: () => 0 }),
      signal,
      now: () => 0,
      node: async () => createLightNode({ trustRoot: '{}' }),
      attest: async () => {
        if (isTaken) book.decide(ASKER.origin, 'denied');
        return { label: 'simulated' };
      },
      verifyReceipt: async (file) => {
        if (file.length > 3) throw new PerigeeError('PARSE', 'this is no receipt');
        if (isTaken) book.decide(ASKER.origin, 'denied');
        return { verdict: 'pass' };
      },
      shown: () => null,
    });
    const verifyReceipt = (receipt: string) => ask(made, 'perigee_verifyReceipt', { receipt });
    expect(await verifyReceipt('AAAA')).toEqual({ result: '{"verdict":"pass"}' });
    expect(await verifyReceipt('AAAAAAAA')).toMatchObject({
      error: { code: -32603, message: 'this is no receipt', data: { reason: 'PARSE' } },
    });
    const verify = () => ask(made, 'perigee_verifyAttestation', { evidence: 'AAAA' });
    expect(await verify()).toEqual({ result: '{"label":"simulated"}' });
    isTaken = true;
    expect(await verify()).toMatchObject({ error: { code: 4100, message: expect.stringContaining('taken away') } });
    book.decide(ASKER.origin, 'allowed');
    expect(await verifyReceipt('AAAA')).toMatchObject({ error: { code: 4100, message: expect.stringContaining('taken away') } });
  });

  it('gives a site so many subscriptions, ends only its own, and answers a flood by its code', async () => {
    const { made } = provider();
    const ids: string[] = [];
    for (let i = 0; i < MAX_SITE_SUBSCRIPTIONS; i++) {
      const reply = await ask(made, 'perigee_subscribe', { kind: 'heads' });
      if ('result' in reply) ids.push(JSON.parse(reply.result) as string);
    }
    expect(await ask(made, 'perigee_subscribe', { kind: 'heads' })).toMatchObject({ error: { code: -32005 } });
    const [subscription] = ids;
    const strange = { ...ASKER, origin: 'https://other.example' };
    const request = JSON.stringify({ method: 'perigee_unsubscribe', params: { subscription } });
    expect(await made.answer(strange, request)).toEqual({ result: 'false' });
    expect(await made.answer(ASKER, request)).toEqual({ result: 'true' });
    const flood = await Promise.all(Array.from({ length: 100 }, () => ask(made, 'perigee_requestAccess')));
    expect(flood.filter((reply) => 'error' in reply && reply.error.code === -32005).length).toBeGreaterThan(50);
    expect(await made.answer(strange, '{"method":"perigee_requestAccess"}')).toEqual({ result: '{"granted":true}' });
  });
});

describe('a subscription', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const trustLink = `chain-00000000:1:${'00'.repeat(32)}`;
  const node: LightNode = createLightNode({ trustLink });
  const at = (height: number): LightNodeState => ({
    ...node.state,
    chain: { chainId: 'chain', genesisHash: '', development: true, maxRetentionBlocks: 1, collateralFloors: {} },
    head: {
      height,
      headerHash: `${height}`,
      timeMs: 0,
      verifiedAtMs: 0,
      verifyMs: 0,
      validators: 1,
      sources: [],
      signedPower: 1,
      confidence: undefined,
    },
  });

  it('is told the last of several changes, nothing twice, and ends with its document', async () => {
    const delivered: Delivery[] = [];
    let isThere = true;
    const deliver = async (delivery: Delivery) => {
      delivered.push(delivery);
      return isThere;
    };
    const subscriptions = new Subscriptions({ deliver, random, now: () => 0 });
    const id = await subscriptions.add(ASKER, 'heads');
    const pass = () => vi.advanceTimersByTimeAsync(SUBSCRIPTION_EVERY_MS);
    for (const height of [1, 2, 3]) subscriptions.show(at(height));
    await pass();
    subscriptions.show(at(3));
    await pass();
    expect(delivered).toMatchObject([
      { tabId: 1, documentId: 'A', event: { data: { subscription: `0x${id}`, result: { height: 3 } } } },
    ]);
    isThere = false;
    subscriptions.show(at(4));
    await pass();
    subscriptions.show(at(5));
    await pass();
    expect(delivered).toHaveLength(2);
    expect(subscriptions.remove(ASKER, id)).toBe(false);
  });

  it('is told the last also when that came while it was being told', async () => {
    const heights: unknown[] = [];
    let taken = (_isThere: boolean): void => {};
    const deliver = ({ event }: Delivery) => {
      heights.push(event?.data.result);
      return new Promise<boolean>((resolve) => {
        taken = resolve;
      });
    };
    const subscriptions = new Subscriptions({ deliver, random, now: () => 0 });
    await subscriptions.add(ASKER, 'heads');
    const pass = () => vi.advanceTimersByTimeAsync(SUBSCRIPTION_EVERY_MS);
    subscriptions.show(at(1));
    await pass();
    subscriptions.show(at(2));
    await pass();
    expect(heights).toMatchObject([{ height: 1 }]);
    taken(true);
    await pass();
    expect(heights).toMatchObject([{ height: 1 }, { height: 2 }]);
  });

  it('outlives a service worker that ends while it carries the news, and is told it again', async () => {
    const heights: unknown[] = [];
    let isCarried = false;
    const deliver = async ({ event }: Delivery) => {
      heights.push(event?.data.result);
      if (!isCarried) throw new Error('the service worker does not answer');
      return true;
    };
    const subscriptions = new Subscriptions({ deliver, random, now: () => 0 });
    const id = await subscriptions.add(ASKER, 'heads');
    const pass = () => vi.advanceTimersByTimeAsync(SUBSCRIPTION_EVERY_MS);
    subscriptions.show(at(1));
    await pass();
    await pass();
    isCarried = true;
    await pass();
    await pass();
    expect(heights).toMatchObject([{ height: 1 }, { height: 1 }, { height: 1 }]);
    expect(subscriptions.remove(ASKER, id)).toBe(true);
  });

  it('makes no room where nobody can say whether its document is gone', async () => {
    const subscriptions = new Subscriptions({ deliver: () => Promise.reject(new Error('no answer')), random, now: () => 0 });
    for (let place = 0; place < MAX_SITE_SUBSCRIPTIONS; place++) await subscriptions.add(ASKER, 'alerts');
    await expect(subscriptions.add(ASKER, 'alerts')).rejects.toMatchObject({ code: -32005 });
  });

  it('is given to nobody who lost the permission while room was made', async () => {
    const answers: ((isThere: boolean) => void)[] = [];
    const deliver = () => new Promise<boolean>((resolve) => void answers.push(resolve));
    const subscriptions = new Subscriptions({ deliver, random, now: () => 0 });
    for (let place = 0; place < MAX_SITE_SUBSCRIPTIONS; place++) await subscriptions.add(ASKER, 'alerts');
    const late = subscriptions.add(ASKER, 'alerts');
    subscriptions.endAll(ASKER.origin);
    for (const answer of answers) answer(true);
    await expect(late).rejects.toMatchObject({ code: 4100 });
  });

  it('that never has news makes room when its document is gone', async () => {
    const gone = new Set<string>();
    const told: Delivery[] = [];
    const deliver = async (delivery: Delivery) => {
      told.push(delivery);
      return !gone.has(delivery.documentId);
    };
    const subscriptions = new Subscriptions({ deliver, random, now: () => 0 });
    for (let load = 0; load < 3 * MAX_SITE_SUBSCRIPTIONS; load++) {
      const documentId = `load ${load}`;
      await subscriptions.add({ ...ASKER, documentId }, 'alerts');
      gone.add(documentId); // the page is loaded anew
    }
    gone.clear();
    for (let place = 0; place < MAX_SITE_SUBSCRIPTIONS - 1; place++) await subscriptions.add(ASKER, 'alerts').catch(() => {});
    await expect(subscriptions.add(ASKER, 'alerts')).rejects.toMatchObject({ code: -32005 });
    expect(told.every(({ event }) => event === undefined)).toBe(true);
  });
});
