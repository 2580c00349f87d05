import type { LightNodeState } from '@perigee/sampler';
import { describe, expect, it } from 'vitest';
import { type LeadInput, leadOf, shownBlob } from '../src/lead.ts';
import { head, NOW, peers, SNAPSHOTS } from './snapshots.ts';

function lead(state: LightNodeState | undefined, change: Partial<LeadInput> = {}) {
  return leadOf({
    state,
    blob: shownBlob(state, undefined),
    opening: undefined,
    refusal: undefined,
    failed: false,
    paused: false,
    resting: undefined,
    offline: false,
    nowMs: NOW,
    ...change,
  });
}

describe('leadOf', () => {
  it('awaits something until there is a head', () => {
    for (const state of [undefined, SNAPSHOTS.starting, SNAPSHOTS.connecting]) expect(lead(state).progress).toBe('unknown');
  });

  it('is good only when every drawn row is verified', () => {
    expect(lead(SNAPSHOTS.sampled)).toMatchObject({
      tone: 'good',
      title: 'Available: 20 of 20 drawn rows are verified',
      progress: undefined,
    });
    expect(lead(SNAPSHOTS.sampling)).toMatchObject({ tone: 'calm', progress: 11 / 20 });
    expect(lead(SNAPSHOTS.mixed)).toMatchObject({ tone: 'warn', title: 'Only 16 of 20 drawn rows are verified' });
    expect(lead(SNAPSHOTS.badEncoding).tone).toBe('bad');
  });

  it('says what sampling came to, and what an earlier visit found only as such', () => {
    expect(lead(SNAPSHOTS.unavailable)).toMatchObject({ tone: 'bad', title: 'Unavailable: only 22 of 190 drawn rows came' });
    const [, undecided] = SNAPSHOTS.unavailable.blobs;
    expect(lead(SNAPSHOTS.unavailable, { blob: undecided })).toMatchObject({ tone: 'warn' });
    const [, earlier] = SNAPSHOTS.badEncoding.blobs;
    expect(lead(SNAPSHOTS.badEncoding, { blob: earlier })).toMatchObject({ tone: 'calm', title: 'Found earlier: available' });
    expect(lead(SNAPSHOTS.sampled, { blob: { ...SNAPSHOTS.sampled.blobs[0], outcome: 'expired' } }).tone).toBe('calm');
  });

  it('warns of a clock that is off, of peers that show nothing new, and of a device that is offline', () => {
    expect(lead(SNAPSHOTS.clock)).toMatchObject({ tone: 'warn', title: 'Your clock is 1 h 0 min behind' });
    expect(lead(SNAPSHOTS.eclipse)).toMatchObject({ tone: 'warn' });
    expect(lead(SNAPSHOTS.eclipse).detail).toContain('eclipse');
    expect(lead(SNAPSHOTS.alone, { offline: true }).title).toBe('This device is offline');
    expect(lead(SNAPSHOTS.connecting, { offline: true }).title).toBe('This device is offline');
  });

  it('claims nothing of a blob whose record is not proved', () => {
    expect(lead(SNAPSHOTS.proving)).toMatchObject({ tone: 'calm', title: 'Block 12,408 is verified' });
    expect(lead(SNAPSHOTS.empty).title).toBe('Block 12,408 is verified');
  });

  it('says by when the head was verified once no peer answers', () => {
    expect(lead(SNAPSHOTS.alone)).toMatchObject({ tone: 'warn', title: 'No peer answers' });
  });

  it('says so when no peer could be reached at all, and when all are banned', () => {
    const lost = peers.map((peer) => ({ ...peer, connected: false, error: 'it does not answer' }));
    expect(lead({ ...SNAPSHOTS.connecting, peers: lost }).title).toBe('No peer of this chain can be reached');
    expect(
      lead({
        ...SNAPSHOTS.connecting,
        peers: [...lost.slice(1), ...SNAPSHOTS.alone.peers.slice(0, 1).map((peer) => ({ ...peer, error: undefined }))],
      }).title,
    ).toBe('Connecting');
    expect(
      lead({ ...SNAPSHOTS.alone, peers: lost.map((peer) => ({ ...peer, banned: 'it is on another chain' })) }),
    ).toMatchObject({
      tone: 'bad',
      title: 'Every peer was refused',
    });
  });

  it('accuses the signers of a blob whose commitment is not the recorded one', () => {
    const [blob] = SNAPSHOTS.badEncoding.blobs;
    const rows = blob.rows.map((row) => ({ ...row, verdict: 'asked' as const }));
    const error = { code: 'ROW_ROOT_MISMATCH', message: 'signed by those who never checked it' } as const;
    const state = { ...SNAPSHOTS.badEncoding, blobs: [{ ...blob, rows, phase: 'failed' as const, error }] };
    expect(lead(state)).toEqual(lead(SNAPSHOTS.badEncoding));
  });

  it('says what is wrong with a link in place of what goes on, and not in place of what hinders all', () => {
    const wrong = { code: 'INVALID_ARGUMENT', message: 'this text has 65 digits' } as const;
    const refused = {
      tone: 'warn',
      title: 'This cannot be opened',
      detail: 'This text has 65 digits. Correct it, or ask who gave it to you.',
    };
    for (const state of [undefined, SNAPSHOTS.connecting, SNAPSHOTS.sampled]) {
      expect(lead(state, { refusal: wrong })).toMatchObject(refused);
    }
    const unknown = { code: 'NOT_FOUND', message: 'no record' } as const;
    expect(lead(SNAPSHOTS.sampled, { refusal: unknown }).title).toBe('The chain holds no such blob');
    expect(lead(SNAPSHOTS.sampled, { refusal: wrong, paused: true }).title).toBe('Paused');
    expect(lead(SNAPSHOTS.alone, { refusal: wrong }).title).toBe('No peer answers');
  });

  it('says that a blob is opened until it is listed, and what is known of it though it was refused', () => {
    const [blob] = SNAPSHOTS.sampled.blobs;
    const opening = { blobId: blob.blobId, status: 'asked' } as const;
    expect(lead(SNAPSHOTS.empty, { opening }).title).toBe('Opening a blob');
    const expired = { ...blob, outcome: 'expired' as const };
    const refusal = { code: 'BLOB_EXPIRED', message: 'it expired' } as const;
    expect(lead(SNAPSHOTS.sampled, { blob: expired, opening: { ...opening, status: 'refused' }, refusal })).toMatchObject({
      tone: 'calm',
    });
  });

  it('puts failures and pauses before all else', () => {
    expect(lead(SNAPSHOTS.failed).tone).toBe('bad');
    expect(lead(SNAPSHOTS.sampled, { failed: true }).tone).toBe('bad');
    expect(lead(SNAPSHOTS.sampled, { paused: true }).title).toBe('Paused');
  });

  it('tells a screen reader the same words from row to row and from block to block', () => {
    const next = { ...SNAPSHOTS.empty, head: { ...head, height: head.height + 1 } };
    expect(lead(next).title).not.toBe(lead(SNAPSHOTS.empty).title);
    expect(lead(next).announce).toBe(lead(SNAPSHOTS.empty).announce);
  });
});

describe('shownBlob', () => {
  it('follows the newest until one is chosen, and again when that one is gone', () => {
    const [newest, older] = SNAPSHOTS.sampled.blobs;
    expect(shownBlob(SNAPSHOTS.sampled, undefined)).toBe(newest);
    expect(shownBlob(SNAPSHOTS.sampled, older?.blobId)).toBe(older);
    expect(shownBlob(SNAPSHOTS.sampled, '00gone')).toBe(newest);
    expect(shownBlob(undefined, undefined)).toBeUndefined();
  });

  it('shows no other in place of one that is opened, or could not be', () => {
    const [newest] = SNAPSHOTS.sampled.blobs;
    for (const status of ['asked', 'refused'] as const) {
      expect(shownBlob(SNAPSHOTS.sampled, '00gone', { blobId: '00gone', status })).toBeUndefined();
      expect(shownBlob(SNAPSHOTS.sampled, newest.blobId, { blobId: newest.blobId, status })).toBe(newest);
    }
    expect(shownBlob(SNAPSHOTS.sampled, '00gone', { blobId: '00gone', status: 'opened' })).toBe(newest);
  });
});
