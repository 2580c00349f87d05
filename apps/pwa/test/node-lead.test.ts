import { readFileSync } from 'node:fs';
import { INITIAL_STATE, type LightNodeState } from '@perigee/sampler';
import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findExtension, type NodeProvider } from '../src/extension/announced.ts';
import { readShown } from '../src/extension/read-shown.ts';
import type { ExtensionView } from '../src/model/extension.ts';
import { UNREAD_SETTINGS } from '../src/model/settings.ts';
import type { NodeChoice } from '../src/settings/defaults.ts';
import { NodeLead } from '../src/tabs/node-lead.ts';
import { SNAPSHOTS } from './snapshots.ts';

const CHAIN = SNAPSHOTS.unavailable.chain?.genesisHash ?? '';
const FIXTURE = new URL('fixtures/shown-node-1.json', import.meta.url);
const LIVE: LightNodeState = { ...SNAPSHOTS.unavailable, phase: 'live' };
const { signal: never } = new AbortController();

/** As it crosses the boundary of the extension. */
const crossed = (value: object): unknown => JSON.parse(JSON.stringify(value));
const shown = (state: LightNodeState | null, tag = 'a/1') => crossed({ version: 1, tag, state });

describe('what the extension shows', () => {
  it('of version 1 is read, as an earlier release of it wrote it', () => {
    const fixture = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { readonly state: Record<string, unknown> };
    const { tag, state } = readShown(fixture, CHAIN);
    expect(tag).toBe('a/1');
    expect(state?.head?.height).toBe(12_408);
    // another field is another version, if an earlier page cannot do without it
    expect(Object.keys(INITIAL_STATE).filter((name) => !(name in fixture.state))).toEqual(
      Object.entries(SNAPSHOTS.unavailable).flatMap(([name, value]) => (value === undefined ? [name] : [])),
    );
  });

  it('is what this release writes', () => {
    const { state } = readShown(shown(LIVE), CHAIN);
    expect(state).toEqual(crossed(LIVE));
    expect(readShown(shown(null), CHAIN)).toEqual({ tag: 'a/1', state: undefined });
  });

  it.each([
    ['nothing', undefined, 'PARSE'],
    ['text', 'hello', 'PARSE'],
    ['another version', { version: 2, tag: 'a', state: LIVE }, 'UNKNOWN_VERSION'],
    ['no name', { version: 1, state: LIVE }, 'PARSE'],
    ['no state', { version: 1, tag: 'a', state: 5 }, 'PARSE'],
    ['another phase', { version: 1, tag: 'a', state: { ...LIVE, phase: 'else' } }, 'PARSE'],
    ['no list of peers', { version: 1, tag: 'a', state: { ...LIVE, peers: 5 } }, 'PARSE'],
    ['a list of nothing', { version: 1, tag: 'a', state: { ...LIVE, events: [null] } }, 'PARSE'],
    ['a blob without rows', { version: 1, tag: 'a', state: { ...LIVE, blobs: [{}] } }, 'PARSE'],
    ['no budgets', { version: 1, tag: 'a', state: { ...LIVE, budgets: {} } }, 'PARSE'],
    ['no clock', { version: 1, tag: 'a', state: { ...LIVE, clock: {} } }, 'PARSE'],
    ['bytes that are text', { version: 1, tag: 'a', state: { ...LIVE, bytesIn: '5' } }, 'PARSE'],
    ['a head without a height', { version: 1, tag: 'a', state: { ...LIVE, head: {} } }, 'PARSE'],
    ['another chain', { version: 1, tag: 'a', state: { ...LIVE, chain: { ...LIVE.chain, genesisHash: '00' } } }, 'WRONG_CHAIN'],
  ])('is refused when it is %s', (_, answer, code) => {
    expect(() => readShown(answer, CHAIN)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the extension', () => {
  const announcing = (details: readonly unknown[]) => {
    const target = new EventTarget();
    target.addEventListener('eip6963:requestProvider', () => {
      for (const detail of details) target.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
    });
    return target;
  };

  it('is found by its name, among others and what is no announcement', () => {
    const provider = { request: async () => null };
    const strange = [
      undefined,
      {},
      { info: {} },
      { info: { rdns: 'org.perigee' } },
      { info: { rdns: 'io.metamask' }, provider: {} },
    ];
    expect(findExtension(announcing([...strange, { info: { rdns: 'org.perigee' }, provider }]))).toBe(provider);
    expect(findExtension(announcing(strange))).toBeUndefined();
    expect(findExtension(new EventTarget())).toBeUndefined();
  });
});

/** A tab whose node and extension are at hand. */
function tab(lightNode: NodeChoice, answer: () => Promise<unknown>) {
  const settings = signal({ ...UNREAD_SETTINGS, chosen: { ...UNREAD_SETTINGS.chosen, lightNode } });
  const extension = signal<ExtensionView | undefined>(undefined);
  const calls: string[] = [];
  const states: LightNodeState[] = [];
  /** How many calls there were when other tabs could have the lead. */
  const freed: number[] = [];
  const at = { nowMs: 0, isBusy: false, isLeading: false, asked: 0, provider: true, rested: Promise.resolve() };
  const provider: NodeProvider = {
    request() {
      at.asked++;
      return answer();
    },
  };
  const lead = new NodeLead(
    {
      isBusy: () => at.isBusy,
      onLead() {},
      onLose() {
        calls.push('lose');
        return at.rested;
      },
      onState: (state) => void states.push(state),
    },
    {
      model: { settings, extension },
      find: () => (at.provider ? provider : undefined),
      now: () => at.nowMs,
      tabs: () => ({
        get isLeading() {
          return at.isLeading;
        },
        async join() {
          calls.push('join');
          at.isLeading = true;
          return true;
        },
        leave(rested) {
          if (at.isLeading) void Promise.resolve(rested).then(() => freed.push(calls.length));
          at.isLeading = false;
        },
        async take() {
          calls.push('take');
        },
        show() {},
      }),
    },
  );
  const choose = (chosen: NodeChoice): void => {
    settings.value = { ...settings.value, chosen: { ...settings.value.chosen, lightNode: chosen } };
  };
  return { lead, calls, freed, states, at, extension, choose };
}

const refusal = (code: number) => Promise.reject(Object.assign(new Error(`code ${code}`), { code }));
const settle = async (): Promise<void> => {
  // what is imported comes outside the fake clock
  await vi.waitFor(async () => vi.advanceTimersByTimeAsync(0));
};

describe('a tab', () => {
  beforeEach(async () => {
    await import('../src/extension/extension-node.ts');
    vi.useFakeTimers();
  });
  afterEach(() => void vi.useRealTimers());

  it('runs its own node until a person chose the extension, and offers that where it is there', async () => {
    const { lead, calls, at, extension } = tab('offer', async () => shown(LIVE));
    await lead.join(CHAIN);
    expect([calls, at.asked, extension.value]).toEqual([['join'], 0, { isAsked: false, isUsed: false, problem: undefined }]);
    at.provider = false;
    await lead.join(CHAIN);
    expect(extension.value).toBeUndefined();
  });

  it('shows what the extension shows, with no connections of its own', async () => {
    const { lead, calls, states, extension } = tab('extension', async () => shown(LIVE));
    await lead.join(CHAIN);
    expect(calls).toEqual([]);
    expect(extension.value?.isUsed).toBe(true);
    expect(states.at(-1)).toEqual(crossed(LIVE));
    lead.leave();
  });

  it('changes over while it runs, as a person chooses', async () => {
    const { lead, calls, extension, choose } = tab('offer', async () => shown(LIVE));
    await lead.join(CHAIN);
    choose('extension');
    await vi.waitFor(() => expect(extension.value?.isUsed).toBe(true));
    expect(calls).toEqual(['join', 'lose']);
    choose('own');
    await settle();
    expect(extension.value?.isUsed).toBe(false);
    expect(calls).toEqual(['join', 'lose', 'join']);
    lead.leave();
  });

  it('lets no other tab have the lead before its own node rests', async () => {
    const { lead, calls, freed, at, extension, choose } = tab('offer', async () => shown(LIVE));
    let rest = (): void => {};
    at.rested = new Promise((resolve) => {
      rest = resolve;
    });
    await lead.join(CHAIN);
    choose('extension');
    await vi.waitFor(() => expect(extension.value?.isUsed).toBe(true));
    await vi.advanceTimersByTimeAsync(100);
    expect([calls, freed]).toEqual([['join', 'lose'], []]);
    rest();
    await vi.advanceTimersByTimeAsync(0);
    expect(freed).toEqual([2]);
    choose('own');
    await settle();
    freed.length = 0;
    lead.leave(new Promise(() => {})); // as a pause does
    await vi.advanceTimersByTimeAsync(100);
    expect(freed).toEqual([]);
  });

  it('runs its own node while a person thinks, and changes over when they agree', async () => {
    let agree = (_answer: unknown): void => {};
    const thinks = new Promise<unknown>((resolve) => {
      agree = resolve;
    });
    const { lead, calls, extension } = tab('extension', () => thinks);
    const joined = lead.join(CHAIN);
    await vi.advanceTimersByTimeAsync(2_000);
    await joined;
    expect([calls, extension.value]).toEqual([['join'], { isAsked: true, isUsed: false, problem: undefined }]);
    agree(shown(LIVE));
    await vi.waitFor(() => expect(extension.value).toEqual({ isAsked: false, isUsed: true, problem: undefined }));
    expect(calls).toEqual(['join', 'lose']);
    lead.leave();
  });

  it.each([
    [4001, false],
    [4100, false],
    [4200, false],
    [4900, true],
    [-32005, true],
  ])('runs its own node after a refusal of code %i, and asks again: %s', async (code, again) => {
    const { lead, calls, at, extension } = tab('extension', () => refusal(code));
    await lead.join(CHAIN);
    expect([calls, at.asked]).toEqual([['join'], 1]);
    expect(extension.value?.problem).toBeDefined();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(at.asked > 1).toBe(again);
    lead.leave();
  });

  it('runs its own node when the extension goes silent, and changes over when it is back and nothing is under way', async () => {
    let answer = (): Promise<unknown> => Promise.resolve(shown(LIVE));
    const { lead, calls, at, extension } = tab('extension', () => answer());
    await lead.join(CHAIN);
    answer = () => new Promise(() => {});
    await vi.advanceTimersByTimeAsync(6_000);
    expect([calls, extension.value?.isUsed]).toEqual([['join'], false]);
    at.isBusy = true;
    answer = () => Promise.resolve(shown(LIVE));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(extension.value?.isUsed).toBe(false);
    at.isBusy = false;
    await vi.advanceTimersByTimeAsync(6_000);
    expect([calls, extension.value?.isUsed]).toEqual([['join', 'lose'], true]);
    lead.leave();
  });

  it('runs its own node for what needs connections, and for a while after it', async () => {
    const { lead, calls, at, extension } = tab('extension', async () => shown(LIVE));
    await lead.join(CHAIN);
    await lead.take(never);
    expect([calls, extension.value?.isUsed]).toEqual([['join', 'take'], false]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(extension.value?.isUsed).toBe(false);
    at.nowMs = 31_000;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(extension.value?.isUsed).toBe(true);
    lead.leave();
    const { asked } = at;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(at.asked).toBe(asked); // who left asks nothing
  });

  it('does not show a node that has no header yet, or follows another chain', async () => {
    for (const state of [{ ...LIVE, phase: 'connecting' } as const, { ...LIVE, chain: undefined, phase: 'starting' } as const]) {
      const { lead, calls, extension } = tab('extension', async () => shown(state));
      await lead.join(CHAIN);
      expect([calls, extension.value?.isUsed]).toEqual([['join'], false]);
      lead.leave();
    }
    const { lead, calls, extension } = tab('extension', async () => shown(LIVE));
    await lead.join('another');
    expect([calls, extension.value?.problem?.code]).toEqual([['join'], 'WRONG_CHAIN']);
    lead.leave();
  });
});
