import { describe, expect, it } from 'vitest';
import { type RowLie, startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import {
  emptyAnswer,
  longRow,
  otherRowRoot,
  renamedRow,
  rowsOf,
  shortPath,
  shortPrime,
  wrongBytes,
  wrongPath,
  wrongPrime,
} from '../../../tests/kit/adversaries/rows.ts';
import { eventually } from '../../../tests/kit/eventually.ts';
import type { LocalNetwork } from '../../../tests/kit/local-network.ts';
import { networkOfFile, peerOf, ready, testLight, verdicts, withLiar } from './light.ts';

const file = networkOfFile();

/** All members, the first of them with a lie, and what each of them was asked. */
async function sampleAmong(network: LocalNetwork, key: string, lies: readonly (RowLie | undefined)[]) {
  const liars = await Promise.all(
    lies.map((rows, place) => withLiar(startMemberLiar(network, network.member(place), rows === undefined ? {} : { rows }))),
  );
  // who moved is found by its record alone
  const node = await ready(await testLight(network, [network.chainHost]));
  const blob = await node.sample(key);
  return { node, blob, liars };
}

describe('a holder that sends what is not its row', () => {
  it.each<[string, RowLie | 'other blob']>([
    ['wrong bytes', wrongBytes],
    ['a wrong path', wrongPath],
    ['a path that is too short', shortPath],
    ['a row under the name of another', renamedRow],
    ['a row of the wrong size', longRow],
    ['an answer without its row', emptyAnswer],
    ['rows of another blob', 'other blob'],
  ])('%s: is banned, and its rows are had from others', async (_what, given) => {
    const { network, key } = file;
    const lie = given === 'other blob' ? rowsOf((await network.publish()).blobId) : given;
    // the lie is told about rows only: who lies about the prime too is banned before
    const rows: RowLie = (honest) => (request, context) => (request.prime ? honest : lie(honest))(request, context);
    const { node, blob, liars } = await sampleAmong(network, key, [rows]);
    const [liar] = liars;
    expect(verdicts(blob.rows)).toEqual({ verified: 20 });
    expect(liar?.asked.rows).toBeGreaterThan(0);
    await eventually(() =>
      expect(liar && peerOf(node, liar.host)).toMatchObject({ connected: false, banned: expect.any(String) }),
    );
    expect(blob.rows.filter(({ peerId }) => peerId === liar?.host.peerId)).toEqual([]);
    expect(blob.operators).toBe(3);
  });

  it('keeps every index of the draw, in its order', async () => {
    const { network, key } = file;
    const draws: number[][] = [];
    await withLiar(startMemberLiar(network, network.member(0), { rows: wrongBytes }));
    const node = await ready(await testLight(network, [network.chainHost]));
    node.subscribe(({ blobs }) => draws.push(blobs[0]?.rows.map(({ index }) => index) ?? []));
    const { rows } = await node.sample(key);
    const drawn = draws.filter(({ length }) => length > 0);
    expect(new Set(rows.map(({ index }) => index)).size).toBe(20); // nothing is missing in the end, so one round is enough
    for (const draw of drawn) expect(draw).toEqual(rows.map(({ index }) => index));
  });

  it('when all of them do, no row is verified, and every one of them is banned', async () => {
    const { network, key } = file;
    const rows: RowLie = (honest) => (request, context) => (request.prime ? honest : wrongBytes(honest))(request, context);
    const { node, blob } = await sampleAmong(network, key, [rows, rows, rows, rows]);
    const { 'invalid/peer': invalid = 0, timeout = 0 } = verdicts(blob.rows);
    expect(invalid).toBeGreaterThan(0);
    expect(invalid + timeout).toBe(blob.rows.length); // of who was banned for one row, others are not waited for
    expect(blob).toMatchObject({ outcome: 'inconclusive', confidence: { verified: 0, rounds: 2 } }); // nobody is left to ask
    await eventually(() => expect(node.state.peers.filter(({ banned }) => banned !== undefined)).toHaveLength(4));
  });
});

describe('a peer that sends a false prime', () => {
  it.each([
    ['that does not hash to the commitment', wrongPrime],
    ['with another row root', otherRowRoot],
    ['that is too short', shortPrime],
  ])('%s: is banned, and another is asked', async (_what, lie) => {
    const { network, key } = file;
    // three of four, so that one of them is asked first, however they connect
    const { node, blob, liars } = await sampleAmong(network, key, [lie, lie, lie]);
    expect(blob).toMatchObject({ phase: 'done', error: undefined });
    expect(verdicts(blob.rows).verified).toBeGreaterThan(2); // the fourth member holds more than half of all rows
    expect(verdicts(blob.rows)['invalid/peer']).toBeUndefined();
    const why = liars.flatMap(({ host }) => peerOf(node, host)?.banned ?? []);
    for (const words of why) expect(words).toMatch(/rlcOriginal/);
  });
});
