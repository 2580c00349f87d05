import { INITIAL_STATE, type LightNodeState, type PeerView } from '@perigee/sampler';
import { MAX_SITE_WATCHERS, MAX_WATCHERS, PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../src/messages.ts';
import { connectionOf } from '../src/node/index.ts';
import { Connections } from '../src/provider/index.ts';

const SITE = 'https://dapp.example';
const CHAIN: Connection = { chainId: 'chain-1' };
const PAUSED = connectionOf({ state: undefined, paused: true, problem: undefined });

function connections() {
  const allowed = new Set([SITE]);
  return { allowed, made: new Connections({ isAllowed: (origin) => allowed.has(origin) }) };
}

function watcher(origin = SITE) {
  const told: Connection[] = [];
  return { told, origin, tell: (connection: Connection) => void told.push(connection) };
}

const live: LightNodeState = {
  ...INITIAL_STATE,
  phase: 'live',
  chain: { chainId: 'chain-1', genesisHash: '', development: true, maxRetentionBlocks: 1, collateralFloors: {} },
  head: {
    height: 1,
    headerHash: '',
    timeMs: 0,
    verifiedAtMs: 0,
    verifyMs: 0,
    validators: 1,
    sources: [],
    signedPower: 1,
    confidence: undefined,
  },
  peers: [{ connected: true } as PeerView],
};

describe('whether the node is connected, in the sense of EIP-1193', () => {
  const running = { state: live, paused: false, problem: undefined };

  it('it is, when it follows a chain and has somebody to ask', () => {
    expect(connectionOf(running)).toEqual(CHAIN);
  });

  it.each([
    ['it is paused', { ...running, paused: true }, 'ABORTED'],
    ['it does not start', { ...running, problem: new PerigeeError('TRUST_ROOT', 'no chain') }, 'TRUST_ROOT'],
    ['it has failed', { ...running, state: { ...live, error: { code: 'STORE_VERSION', message: 'x' } } }, 'STORE_VERSION'],
    ['there is no node', { ...running, state: undefined }, 'UNPROVEN'],
    ['it has a header of an earlier visit only', { ...running, state: { ...live, phase: 'connecting' } }, 'UNPROVEN'],
    ['it has verified nothing', { ...running, state: { ...live, head: undefined } }, 'UNPROVEN'],
    ['nobody is there', { ...running, state: { ...live, peers: [] } }, 'UNREACHABLE'],
  ] as const)('it is not, when %s', (_, parts, reason) => {
    expect(connectionOf(parts)).toMatchObject({ error: { code: 4900, data: { reason } } });
  });
});

describe('a document that watches', () => {
  it('is told when the node begins and ends to follow its chain, once each time', () => {
    const { made } = connections();
    const { told, ...one } = watcher();
    made.add(one);
    made.show(PAUSED);
    expect(told).toEqual([]); // what was never connected is not disconnected
    for (const connection of [CHAIN, CHAIN, PAUSED, PAUSED, CHAIN, { chainId: 'chain-2' }]) made.show(connection);
    expect(told).toEqual([CHAIN, PAUSED, CHAIN, { chainId: 'chain-2' }]);
  });

  it('is told at once where the node follows its chain already', () => {
    const { made } = connections();
    made.show(CHAIN);
    const { told, ...one } = watcher();
    made.add(one);
    expect(told).toEqual([CHAIN]);
  });

  it('hears nothing while its site may not ask, and hears when that changes', () => {
    const { made, allowed } = connections();
    const { told, ...one } = watcher('https://other.example');
    made.add(one);
    made.show(CHAIN);
    made.show(PAUSED);
    made.show(CHAIN);
    expect(told).toEqual([]);
    allowed.add(one.origin);
    made.review();
    allowed.delete(one.origin);
    made.review();
    made.review();
    expect(told).toEqual([CHAIN, { error: { code: 4900, message: expect.stringContaining('may not ask') } }]);
  });

  it('is one of so many of its site, and of all, and leaves room when it goes', () => {
    const { made } = connections();
    const ends = Array.from({ length: MAX_SITE_WATCHERS }, () => made.add(watcher()));
    expect(ends).not.toContain(undefined);
    expect(made.add(watcher())).toBeUndefined();
    ends[0]?.();
    expect(made.add(watcher())).toBeDefined();
    for (let place = MAX_SITE_WATCHERS; place < MAX_WATCHERS; place++) {
      expect(made.add(watcher(`https://${place}.example`))).toBeDefined();
    }
    expect(made.add(watcher('https://one-too-many.example'))).toBeUndefined();
  });
});
