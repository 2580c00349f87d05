import { INITIAL_STATE } from '@perigee/sampler';
import { MAX_NODE_STATE_CHARACTERS } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../src/messages.ts';
import { ShownState } from '../src/node/index.ts';

const PAUSED: Connection = { error: { code: 4900, message: 'paused', data: { reason: 'ABORTED' } } };

describe('the whole node', () => {
  it('is shown once for each change, whoever asks', () => {
    const shown = new ShownState('start');
    shown.show(INITIAL_STATE);
    const { tag, state } = shown.since(undefined, PAUSED);
    expect(state).toBe(INITIAL_STATE);
    expect(shown.since(tag, PAUSED).state).toBeNull();
    shown.show({ ...INITIAL_STATE, bytesIn: 1 });
    expect(shown.since(tag, PAUSED)).toMatchObject({ version: 1, state: { bytesIn: 1 } });
    const another = new ShownState('another');
    another.show(INITIAL_STATE);
    expect(another.since(tag, PAUSED).state).toBe(INITIAL_STATE);
  });

  it('is shown to nobody while there is none, it has failed, or it is too long', () => {
    const shown = new ShownState('start');
    expect(() => shown.since(undefined, PAUSED)).toThrow('paused');
    shown.show({ ...INITIAL_STATE, error: { code: 'STORE_VERSION', message: 'x' } });
    expect(() => shown.since(undefined, PAUSED)).toThrow('paused');
    shown.show(undefined);
    expect(() => shown.since(undefined, PAUSED)).toThrow('paused');
    const about = 'x'.repeat(MAX_NODE_STATE_CHARACTERS);
    shown.show({ ...INITIAL_STATE, events: [{ id: 1, atMs: 0, kind: 'head', about, data: {} }] });
    expect(() => shown.since(undefined, PAUSED)).toThrow('at most');
  });
});
