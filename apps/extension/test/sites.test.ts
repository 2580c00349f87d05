import type { Clock } from '@perigee/light-core/roles';
import {
  MAX_ASKING_SITES,
  MAX_SITE_CHARACTERS_AT_ONCE,
  MAX_SITE_REQUESTS_AT_ONCE,
  MAX_SITES,
  PROMPT_OPENS_MS,
  SITE_QUIET_MS,
  SITE_REQUESTS_BURST,
} from '@perigee/wire';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { originOf, SiteBook } from '../src/site-book.ts';
import { nameOf, SiteDesk, SiteLimits } from '../src/sites/index.ts';

const SITE = 'https://dapp.example';
const { signal } = new AbortController();

function keptIn(values = new Map<string, string>()) {
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

function desk() {
  let nowMs = 1_000;
  const kept = keptIn();
  const book = new SiteBook(
    () => kept,
    () => nowMs,
  );
  const opened: number[] = [];
  const made = new SiteDesk({ book, open: async () => void opened.push(nowMs), onChange: () => {}, now: () => nowMs });
  return { desk: made, book, opened, pass: (ms: number) => (nowMs += ms) };
}

describe('who may be remembered', () => {
  it.each([
    ['https://a.example', 'https://a.example'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['https://a.example/', undefined],
    ['https://A.example', undefined],
    ['https://a.example:443', undefined],
    ['null', undefined],
    ['file://', undefined],
    ['chrome-extension://abc', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (text, origin) => {
    expect(originOf(text)).toBe(origin);
  });
});

describe('who may see the whole node', () => {
  it('is asked about apart from answers, and what was decided of one stands for the other as far as it goes', () => {
    const { book } = desk();
    book.decide(SITE, 'allowed');
    expect(book.decisionOf(SITE, 'node')).toBeUndefined();
    book.decide(SITE, 'denied', 'node');
    expect([book.decisionOf(SITE), book.decisionOf(SITE, 'node')]).toEqual(['allowed', 'denied']);
    book.decide(SITE, 'allowed', 'node');
    expect([book.decisionOf(SITE), book.decisionOf(SITE, 'node')]).toEqual(['allowed', 'allowed']);
    book.decide(SITE, 'denied');
    expect([book.decisionOf(SITE), book.decisionOf(SITE, 'node')]).toEqual(['denied', 'denied']);
    const other = 'https://other.example';
    book.decide(other, 'denied', 'node');
    expect([book.decisionOf(other), book.decisionOf(other, 'node')]).toEqual(['denied', 'denied']);
  });

  it('is kept in the form that an earlier release reads, and reads what that kept', () => {
    const kept = keptIn();
    const book = new SiteBook(
      () => kept,
      () => 7,
    );
    book.decide(SITE, 'allowed', 'node');
    expect(kept.values.get('perigee/sites')).toBe(
      '{"version":1,"sites":[{"origin":"https://dapp.example","decision":"allowed","node":true,"atMs":7}]}',
    );
    kept.setItem('perigee/sites', '{"version":1,"sites":[{"origin":"https://dapp.example","decision":"allowed","atMs":7}]}');
    expect([book.decisionOf(SITE), book.decisionOf(SITE, 'node')]).toEqual(['allowed', undefined]);
    kept.setItem(
      'perigee/sites',
      '{"version":1,"sites":[{"origin":"https://dapp.example","decision":"allowed","node":1,"atMs":7}]}',
    );
    expect(book.decisionOf(SITE)).toBeUndefined();
  });

  it('is a question of its own, after the one that the site has open', async () => {
    const { desk: asked, opened } = desk();
    const answers = asked.require(SITE, signal);
    const node = asked.require(SITE, signal, 'node');
    expect(asked.waiting()).toEqual([{ origin: SITE, access: 'answers' }]);
    asked.decide(SITE, 'allowed');
    await answers;
    await vi.waitFor(() => expect(asked.waiting()).toEqual([{ origin: SITE, access: 'node' }]));
    asked.close([SITE]); // the window that showed the first one closes behind it
    expect(asked.waiting()).toHaveLength(1);
    expect(opened).toHaveLength(2);
    asked.decide(SITE, 'denied', 'node');
    await expect(node).rejects.toMatchObject({ code: 4001 });
    await asked.require(SITE, signal);
    await expect(asked.require(SITE, signal, 'node')).rejects.toMatchObject({ code: 4100 });
    expect(() => asked.confirm(SITE, 'node')).toThrow('taken away');
  });
});

describe('the book of sites', () => {
  it('keeps what was decided, for another start too', () => {
    const kept = keptIn();
    const book = () =>
      new SiteBook(
        () => kept,
        () => 5,
      );
    book().decide(SITE, 'allowed');
    expect(book().decisionOf(SITE)).toBe('allowed');
    book().decide(SITE, 'denied');
    expect(book().list()).toEqual([{ origin: SITE, decision: 'denied', atMs: 5 }]);
    book().forget(SITE);
    expect(book().decisionOf(SITE)).toBeUndefined();
  });

  it('is bounded', () => {
    const kept = keptIn();
    const book = new SiteBook(
      () => kept,
      () => 5,
    );
    for (let i = 0; i <= MAX_SITES; i++) book.decide(`https://a${i}.example`, 'allowed');
    expect(book.list()).toHaveLength(MAX_SITES);
    expect(book.decisionOf('https://a0.example')).toBeUndefined();
  });

  it('allows nobody by what a later release wrote, and leaves that alone', () => {
    const later = JSON.stringify({ version: 2, sites: [{ origin: SITE, decision: 'allowed', atMs: 1 }] });
    const kept = keptIn(new Map([['perigee/sites', later]]));
    const book = new SiteBook(
      () => kept,
      () => 5,
    );
    expect(book.decisionOf(SITE)).toBe('denied');
    book.decide(SITE, 'allowed');
    expect(kept.values.get('perigee/sites')).toBe(later);
  });

  it.each([
    ['no JSON', '{'],
    ['no list', '{"version":1,"sites":{}}'],
    [
      'entries of another form',
      '{"version":1,"sites":[null,5,{"origin":"x"},{"origin":"https://dapp.example","decision":"yes","atMs":1}]}',
    ],
    ['a version that there never was', '{"version":0,"sites":[{"origin":"https://dapp.example","decision":"allowed","atMs":1}]}'],
  ])('takes %s for nothing', (_, text) => {
    const kept = keptIn(new Map([['perigee/sites', text]]));
    expect(
      new SiteBook(
        () => kept,
        () => 5,
      ).list(),
    ).toEqual([]);
  });
});

describe('the desk', () => {
  it('asks once for a site, however often that asks, and remembers the answer', async () => {
    const { desk: asked, opened } = desk();
    const both = Promise.all([asked.require(SITE, signal), asked.require(SITE, signal)]);
    expect(asked.waiting().map(nameOf)).toEqual([SITE]);
    asked.decide(SITE, 'allowed');
    await both;
    await asked.require(SITE, signal);
    expect(opened).toHaveLength(1);
  });

  it('says 4001 to who is denied, and 4100 from then on', async () => {
    const { desk: asked } = desk();
    const first = asked.require(SITE, signal);
    asked.decide(SITE, 'denied');
    await expect(first).rejects.toMatchObject({ code: 4001 });
    await expect(asked.require(SITE, signal)).rejects.toMatchObject({ code: 4100 });
  });

  it('leaves a person alone who closed the question, for a while', async () => {
    const { desk: asked, pass, opened } = desk();
    const first = asked.require(SITE, signal);
    asked.close([SITE]);
    await expect(first).rejects.toMatchObject({ code: 4001 });
    await expect(asked.require(SITE, signal)).rejects.toMatchObject({ code: 4100 });
    pass(SITE_QUIET_MS);
    const again = asked.require(SITE, signal);
    asked.decide(SITE, 'allowed');
    await again;
    expect(opened).toHaveLength(2);
  });

  it('asks in another window for who asked while the first was closing', async () => {
    const { desk: asked, opened } = desk();
    const first = asked.require(SITE, signal);
    asked.decide(SITE, 'allowed');
    await first;
    const late = asked.require('https://late.example', signal);
    asked.close([SITE]);
    expect(asked.waiting().map(nameOf)).toEqual(['https://late.example']);
    expect(opened).toHaveLength(2);
    asked.decide('https://late.example', 'allowed');
    await late;
  });

  it('takes so many questions and no more, in one window', async () => {
    const { desk: asked, opened } = desk();
    const all = Array.from({ length: MAX_ASKING_SITES }, (_, i) =>
      asked.require(`https://a${i}.example`, signal).catch(({ code }) => code),
    );
    await expect(asked.require(SITE, signal)).rejects.toMatchObject({ code: -32002 });
    expect(opened).toHaveLength(1);
    asked.close(asked.waiting().map(nameOf));
    expect(new Set(await Promise.all(all))).toEqual(new Set([4001]));
  });

  it('asks again after a window that was closed before it showed anything', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { desk: asked, opened, pass } = desk();
    const first = asked.require(SITE, signal).catch(({ code }) => code);
    await vi.advanceTimersByTimeAsync(PROMPT_OPENS_MS);
    expect(asked.waiting()).toEqual([]);
    expect(await first).toBe(4001);
    pass(SITE_QUIET_MS);
    const again = asked.require(SITE, signal);
    expect(opened).toHaveLength(2);
    asked.opened();
    await vi.advanceTimersByTimeAsync(PROMPT_OPENS_MS);
    expect(asked.waiting().map(nameOf)).toEqual([SITE]);
    asked.decide(SITE, 'allowed');
    await again;
  });

  it('lets nobody in when its window cannot be opened', async () => {
    const kept = keptIn();
    const book = new SiteBook(
      () => kept,
      () => 5,
    );
    const open = () => Promise.reject(new Error('no window'));
    const asked = new SiteDesk({ book, open, onChange: () => {}, now: () => 5 });
    await expect(asked.require(SITE, signal)).rejects.toMatchObject({ code: 4001 });
  });
});

describe('what a site may ask', () => {
  const clockAt = (time: { nowMs: number }): Clock => ({ now: () => time.nowMs, sleep: async () => {} });

  it('is so much at once and in a second, and another site has its own share', () => {
    const time = { nowMs: 0 };
    const limits = new SiteLimits(clockAt(time));
    for (let i = 0; i < SITE_REQUESTS_BURST; i++) limits.enter(SITE, 0)();
    expect(() => limits.enter(SITE, 0)).toThrow('asks too often');
    limits.enter('https://other.example', 0)();
    time.nowMs = 1_000;
    limits.enter(SITE, 0)();
  });

  it('is so much text of unanswered requests', () => {
    const limits = new SiteLimits(clockAt({ nowMs: 0 }));
    const leave = limits.enter(SITE, MAX_SITE_CHARACTERS_AT_ONCE);
    expect(() => limits.enter(SITE, 1)).toThrow('too long together');
    limits.enter('https://other.example', 1)();
    leave();
    limits.enter(SITE, 1);
  });

  it('is so many unanswered requests', () => {
    const limits = new SiteLimits(clockAt({ nowMs: 0 }));
    const leave = Array.from({ length: MAX_SITE_REQUESTS_AT_ONCE }, () => limits.enter(SITE, 0));
    expect(() => limits.enter(SITE, 0)).toThrow('wait for one of them');
    leave[0]?.();
    limits.enter(SITE, 0);
  });
});
