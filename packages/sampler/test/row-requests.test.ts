import { MAX_REQUEST_ROW_BYTES } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { type OpenRow, openRow, planRequests } from '../src/blob/row-requests.ts';
import type { Peer } from '../src/peers/peer.ts';
import { TrackRecord } from '../src/peers/track-record.ts';

/** What planning looks at of a peer. */
function peer(id: string, member: string | undefined, usable = true): Peer {
  return { id, members: new Set(member === undefined ? [] : [member]), usable, track: new TrackRecord() } as unknown as Peer;
}

function row(index: number, holders: string[], asked: string[] = []): OpenRow {
  const row = openRow(index, holders);
  for (const id of asked) row.asked.add(id);
  return row;
}

function plan(rows: OpenRow[], peers: Peer[], patient = false): Record<string, number[]> {
  const { requests } = planRequests(rows, peers, { now: 0, rowSize: 64, isAwaited: () => patient });
  const entries = requests.map(({ peer, rows }) => [peer.id, rows.map(({ index }) => index)]);
  return Object.fromEntries(entries);
}

describe('whom to ask for which row', () => {
  it('asks the assigned holder first', () => {
    expect(plan([row(1, ['a']), row(2, ['b'])], [peer('A', 'a'), peer('B', 'b')])).toEqual({ A: [1], B: [2] });
  });

  it('spreads rows with several holders over them', () => {
    const rows = [1, 2, 3, 4].map((index) => row(index, ['a', 'b']));
    expect(plan(rows, [peer('A', 'a'), peer('B', 'b')])).toEqual({ A: [1, 3], B: [2, 4] });
  });

  it('gives more rows to who did better, and asks who did badly all the same', () => {
    const [good, bad] = [peer('A', 'a'), peer('B', 'b')];
    for (let i = 0; i < 3; i++) {
      good.track.good(10);
      bad.track.bad();
    }
    const rows = Array.from({ length: 8 }, (_, index) => row(index, ['a', 'b']));
    const { A = [], B = [] } = plan(rows, [bad, good]);
    expect(A.length).toBeGreaterThan(B.length);
    expect(B.length).toBeGreaterThan(0);
    expect(plan([row(1, ['b'])], [bad, good])).toEqual({ B: [1] }); // the holder comes first, however it did
  });

  it('shows an index to others only when no holder is left to ask', () => {
    const peers = [peer('A', 'a'), peer('B', 'b')];
    expect(plan([row(1, ['a'], ['A'])], peers)).toEqual({ B: [1] });
    expect(plan([row(1, ['a'], ['A', 'B'])], peers)).toEqual({});
  });

  it('waits for a holder that is not connected yet, if there is time', () => {
    const peers = [peer('B', 'b')];
    expect(plan([row(1, ['a']), row(2, ['b'])], peers, true)).toEqual({ B: [2] });
    expect(plan([row(1, ['a']), row(2, ['b'])], peers, false)).toEqual({ B: [1, 2] });
    const waits = (awaited: string) =>
      planRequests([row(1, ['a'])], peers, { now: 0, rowSize: 64, isAwaited: (member) => member === awaited }).waits;
    expect([waits('a'), waits('c')]).toEqual([true, false]);
  });

  it('shows the row of a holder that is busy to nobody else meanwhile', () => {
    const busy = { ...row(1, ['a']), notBefore: 1 };
    expect(plan([busy, row(2, ['a'])], [peer('A', 'a'), peer('B', 'b')])).toEqual({ A: [2] });
  });

  it('finds the peer that several members name', () => {
    const both = { ...peer('A', 'a'), members: new Set(['a', 'b']), usable: true } as unknown as Peer;
    expect(plan([row(1, ['a']), row(2, ['b'])], [both, peer('C', 'c')])).toEqual({ A: [1, 2] });
  });

  it('asks neither strangers, nor who is gone or banned', () => {
    expect(plan([row(1, ['a'])], [peer('X', undefined), peer('A', 'a', false)])).toEqual({});
  });

  it('asks for no more bytes at once than a window holds', () => {
    const rowSize = MAX_REQUEST_ROW_BYTES / 2;
    const rows = [1, 2, 3].map((index) => row(index, ['a']));
    const { requests } = planRequests(rows, [peer('A', 'a')], { now: 0, rowSize, isAwaited: () => false });
    expect(requests.map(({ rows }) => rows.length)).toEqual([2, 1]);
  });
});
