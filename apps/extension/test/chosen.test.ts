import { INITIAL_STATE, type LightNodeState } from '@perigee/sampler';
import { MAX_LINK_PEERS } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { badgeOf } from '../src/badge.ts';
import { readChoice } from '../src/chain-choice.ts';
import { readSettings, writeSettings } from '../src/node/index.ts';
import { keepSnapshot, readSnapshot, snapshotOf } from '../src/snapshot.ts';

const HASH = 'ab'.repeat(32);
const TRUST = `net-01234567:42:${HASH}`;
const PEER = '/dns4/node.example/tcp/443/wss/p2p/12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq';
const LOCAL = PEER.replace('/dns4/node.example', '/ip4/127.0.0.1');
const NOW = 1_800_000_000_000;

function keptIn(values = new Map<string, string>()) {
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

describe('a chain that a person chooses', () => {
  it.each([
    `web+perigee:#trust=${TRUST}`,
    `web+perigee://#trust=${TRUST}`,
    `https://page.example/#trust=${TRUST}`,
    `trust=${TRUST}`,
  ])('is read from %s', (link) => {
    expect(readChoice(`${link}&peer=${PEER}`)).toMatchObject({
      chainId: 'net-01234567',
      height: 42,
      headerHash: HASH,
      peers: [PEER],
      isLocal: false,
    });
  });

  it('says where it leads into the local network', () => {
    expect(readChoice(`trust=${TRUST}&peer=${LOCAL}`).isLocal).toBe(true);
  });

  it.each([
    ['nothing', '', 'neither a chain file'],
    ['a blob', HASH, 'neither a chain file'],
    ['two chains', `trust=${TRUST}&trust=${TRUST}`, 'second or other part'],
    ['a part that there is not', `trust=${TRUST}&run=1`, 'second or other part'],
    ['a hash that is cut', `trust=${TRUST.slice(0, -1)}`, 'is no trust link'],
    ['an address of nobody', `trust=${TRUST}&peer=/ip4/1.2.3.4/tcp/1`, 'is no address of a peer'],
    ['too many addresses', `trust=${TRUST}${`&peer=${PEER}`.repeat(MAX_LINK_PEERS + 1)}`, 'at most'],
    ['a link without end', 'x'.repeat(5_000), 'at most'],
    ['a % of nothing', 'trust=%zz', 'not followed by two'],
    ['a file that is cut', '{"version":1', 'cannot be read'],
    ['a file without end', `{${' '.repeat(70_000)}}`, 'at most'],
  ])('is refused for %s', (_, text, words) => {
    expect(() => readChoice(text)).toThrow(words);
  });
});

describe('what is kept', () => {
  it('is what was set', () => {
    const kept = keptIn();
    const settings = { paused: true, choice: readChoice(`trust=${TRUST}`).choice };
    writeSettings(() => kept, settings);
    expect(readSettings(() => kept)).toEqual(settings);
  });

  it('rests where a later release wrote it, or it is damaged: no other chain is followed in place of the chosen one', () => {
    const read = (text: string) => readSettings(() => keptIn(new Map([['perigee/settings', text]])));
    for (const text of ['{"version":2,"paused":false}', '{"version":1,"choice":{"kind":"file","text":5}}', '{', 'null', '5']) {
      expect(read(text)).toEqual({ paused: true, choice: undefined });
    }
    expect(readSettings(() => keptIn())).toEqual({ paused: false, choice: undefined });
  });

  it('of a later release is not written over', () => {
    const later = '{"version":2,"paused":false,"more":1}';
    const kept = keptIn(new Map([['perigee/settings', later]]));
    expect(() => writeSettings(() => kept, { paused: false, choice: undefined })).toThrow('newer release');
    expect(kept.getItem('perigee/settings')).toBe(later);
  });

  it('is a snapshot only where this release wrote it', () => {
    const kept = keptIn();
    const snapshot = snapshotOf({ chain: undefined, state: undefined, paused: false, problem: undefined, nowMs: NOW });
    keepSnapshot(() => kept, snapshot);
    expect(readSnapshot(() => kept)).toEqual(snapshot);
    const later = keptIn(new Map([['perigee/snapshot', '{"version":2,"snapshot":{}}']]));
    expect(readSnapshot(() => later)).toBeUndefined();
  });
});

describe('the badge', () => {
  const chain = readChoice(`trust=${TRUST}`);
  const head = {
    height: 42,
    headerHash: HASH,
    timeMs: NOW,
    verifiedAtMs: NOW,
    verifyMs: 1,
    validators: 4,
    sources: [],
    signedPower: 1,
    confidence: { height: 1, sampled: 1, blobs: 1, bits: 41.7 },
  };
  const textOf = (state: Partial<LightNodeState> | undefined, paused = false) => {
    const whole = state && { ...INITIAL_STATE, ...state };
    return badgeOf(snapshotOf({ chain, state: whole, paused, problem: undefined, nowMs: NOW })).text;
  };

  it.each([
    ['the bits of the least certain blob', { head, freshness: 'current' }, '41'],
    [
      'that there was no blob to doubt',
      { head: { ...head, confidence: { height: 1, sampled: 0, blobs: 0, bits: undefined } }, freshness: 'current' },
      '✓',
    ],
    [
      'how far the sampling is',
      { head: { ...head, confidence: { height: 1, sampled: 1, blobs: 3, bits: 41 } }, freshness: 'current' },
      '1/3',
    ],
    ['that the header is old', { head: { ...head, timeMs: NOW - 60_000 } }, '?'],
    ['that headers contradict each other', { head, events: [{ id: 1, atMs: NOW, kind: 'conflict', about: '', data: {} }] }, '!'],
    ['that it looks for one', {}, '…'],
  ] as const)('says %s', (_, state, text) => {
    expect(textOf(state)).toBe(text);
  });

  it('says that it is paused, and nothing without a chain', () => {
    expect(textOf({ head }, true)).toBe('–');
    const none = snapshotOf({ chain: undefined, state: undefined, paused: false, problem: undefined, nowMs: NOW });
    expect(badgeOf(none).text).toBe('');
  });
});
