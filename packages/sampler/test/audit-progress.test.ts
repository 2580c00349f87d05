import {
  AUDIT_BOOK_VERSION,
  AuditBook,
  MAX_AGREEMENTS_PER_DAY,
  MAX_AUDIT_BLOBS_PER_DAY,
  MAX_AUDIT_BYTES_PER_DAY,
  MAX_KNOWN_AUDITS,
  MAX_WAITING_AUDITS,
  toHex,
} from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../tests/kit/index.ts';
import { AuditProgress } from '../src/audit/audit-progress.ts';

const DAY_MS = 86_400_000;
const NOW = 20_000 * DAY_MS;
const random = createRandom();
console.log(`PERIGEE_SEED=${random.seed} repeats who goes where too many wait`);
const bytes = (length: number): Uint8Array => random.bytes(length);
const blobOf = (number: number): string => toHex(new Uint8Array(33).fill(number & 255, 1).fill(number >> 8, 32));
const orderOf = (number: number): Uint8Array => new Uint8Array(32).fill(number & 255).fill(number >> 8, 31);

describe('the progress of an auditor', () => {
  it('is the same after it was kept and read', () => {
    const progress = new AuditProgress(NOW);
    progress.height = 77;
    for (const number of [1, 2, 3]) progress.wait(blobOf(number), bytes);
    progress.know({ orderId: orderOf(9), sequence: 4 });
    progress.noteFetch(1_234, NOW);
    progress.noteAgreement();
    const again = AuditProgress.decode(progress.encode(), NOW);
    expect(again.height).toBe(77);
    expect(again.today).toMatchObject({ blobs: 1, bytes: 1_234, agreements: 1 });
    const next = (): string | undefined => {
      again.end();
      return again.begin()?.blobId;
    };
    expect([next(), next(), next(), next()]).toEqual([blobOf(1), blobOf(2), blobOf(3), undefined]);
    expect(again.isKnown({ orderId: orderOf(9), sequence: 4 })).toBe(true);
    for (let waits = 3; waits > 0; waits--) {
      progress.begin();
      progress.end();
    }
    expect(again.encode()).toEqual(progress.encode());
  });

  it('begins again with what was begun and not struck off, and says how often', () => {
    let progress = new AuditProgress(NOW);
    for (const number of [1, 2]) progress.wait(blobOf(number), bytes);
    for (const times of [1, 2, 3]) {
      expect(progress.begin()).toEqual({ blobId: blobOf(1), times });
      expect(progress.waiting).toBe(2);
      progress = AuditProgress.decode(progress.encode(), NOW); // killed
    }
    progress.begin();
    progress.putBack(); // stopped in good order: that is not held against it
    expect(progress.begin()).toEqual({ blobId: blobOf(1), times: 1 });
    progress.end();
    expect(progress.begin()).toEqual({ blobId: blobOf(2), times: 1 });
  });

  it('reads what the first format kept', () => {
    const { begun: _, ...book } = AuditBook.decode(new AuditProgress(NOW).encode());
    const first = AuditBook.encode({ ...book, version: 1, height: 5, waiting: [new Uint8Array(33).fill(7)] });
    const progress = AuditProgress.decode(first, NOW);
    expect([progress.height, progress.begin()]).toEqual([5, { blobId: '07'.repeat(33), times: 1 }]);
  });

  it('refuses what a later program kept', () => {
    const book = AuditBook.decode(new AuditProgress(NOW).encode());
    const later = AuditBook.encode({ ...book, version: AUDIT_BOOK_VERSION + 1 });
    expect(() => AuditProgress.decode(later, NOW)).toThrow(expect.objectContaining({ code: 'UNKNOWN_VERSION' }));
    expect(() => AuditProgress.decode(Uint8Array.of(9, 9, 9), NOW)).toThrow(expect.objectContaining({ code: 'PARSE' }));
  });

  it('lets a bounded number wait, and those that came first have no advantage', () => {
    const progress = new AuditProgress(NOW);
    const all = 4 * MAX_WAITING_AUDITS;
    let gone = 0;
    for (let i = 0; i < all; i++) if (progress.wait(blobOf(i), bytes)) gone++;
    expect(progress.waiting).toBe(MAX_WAITING_AUDITS);
    expect(gone).toBe(all - MAX_WAITING_AUDITS);
    const first = new Set(Array.from({ length: MAX_WAITING_AUDITS }, (_, i) => blobOf(i)));
    let left = 0;
    for (let begun = progress.begin(); begun !== undefined; begun = progress.begin()) {
      if (first.has(begun.blobId)) left++;
      progress.end();
    }
    expect(left).toBeLessThan(MAX_WAITING_AUDITS / 2); // about 1 in 20 of them is left
  });

  it('knows an order up to the part that was executed, and a bounded number of them', () => {
    const progress = new AuditProgress(NOW);
    const [orderId, other] = [orderOf(1), orderOf(2)];
    expect(progress.isKnown({ orderId, sequence: 1 })).toBe(false);
    progress.know({ orderId, sequence: 2 });
    expect([1, 2, 3].map((sequence) => progress.isKnown({ orderId, sequence }))).toEqual([true, true, false]);
    expect(progress.isKnown({ orderId: other, sequence: 1 })).toBe(false);
    progress.know({ orderId, sequence: 5 });
    expect(progress.isKnown({ orderId, sequence: 5 })).toBe(true);
    for (let i = 0; i < MAX_KNOWN_AUDITS; i++) progress.know({ orderId: orderOf(100 + i), sequence: 1 });
    expect(progress.isKnown({ orderId, sequence: 1 })).toBe(false);
    expect(AuditBook.decode(progress.encode()).known).toHaveLength(MAX_KNOWN_AUDITS);
  });

  it('fetches and agrees within the bounds of a day, and again on the next', () => {
    const tomorrow = NOW + DAY_MS;
    const byNumber = new AuditProgress(NOW);
    for (let i = 0; i < MAX_AUDIT_BLOBS_PER_DAY; i++) {
      expect(byNumber.mayFetch(NOW)).toBe(true);
      byNumber.noteFetch(1, NOW);
    }
    expect([byNumber.mayFetch(NOW), byNumber.mayFetch(tomorrow)]).toEqual([false, true]);
    const byBytes = new AuditProgress(NOW);
    byBytes.noteFetch(MAX_AUDIT_BYTES_PER_DAY, NOW);
    expect([byBytes.mayFetch(NOW), AuditProgress.decode(byBytes.encode(), tomorrow).mayFetch(tomorrow)]).toEqual([false, true]);
    for (let i = 0; i < MAX_AGREEMENTS_PER_DAY; i++) {
      expect(byBytes.mayAgree(NOW)).toBe(true);
      byBytes.noteAgreement();
    }
    expect([byBytes.mayAgree(NOW), byBytes.mayAgree(tomorrow)]).toEqual([false, true]);
  });
});
