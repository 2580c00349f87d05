/** What every place that a light node keeps things in must do: run in Node and in a page. */
import {
  concat,
  fromHex,
  MAX_KEPT_ROWS_PER_BLOB,
  MAX_KEPT_VERDICTS,
  MIN_STORE_BYTES,
  PerigeeError,
  toHex,
  utf8,
} from '@perigee/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import stored from '../../../../tests/vectors/light-store.json' with { type: 'json' };
import type { EvidenceView } from '../../src/state.ts';
import { KeptStore } from '../../src/store/kept-store.ts';
import { fileHeader, recordOf, seal } from '../../src/store/seal.ts';
import type { StoreBackend } from '../../src/store/store-backend.ts';
import { verdictToBytes } from '../../src/store/verdict.ts';
import { BLOB, evidenceOf, row, verdict } from './samples.ts';

/** A place on the device; opened again, it holds what it held. */
export type Place = () => Promise<StoreBackend>;

export function storeSuite(newPlace: () => Promise<Place>): void {
  /** A store that ends with the test. */
  function keep(place: Place, budgetBytes = MIN_STORE_BYTES): KeptStore {
    const store = new KeptStore({ open: place, budgetBytes, onChange: () => {} });
    onTestFinished(() => store.close());
    return store;
  }

  /** Opens the place without a store over it. */
  async function tamper(place: Place, change: (backend: StoreBackend) => Promise<void>): Promise<void> {
    const backend = await place();
    await change(backend);
    await backend.close();
  }

  describe('values and files of a place', () => {
    it('are there when it is opened again, changed all at once, and deleted', async () => {
      const place = await newPlace();
      await tamper(place, async (backend) => {
        expect(backend.writable()).toBe(true);
        await backend.write(
          new Map([
            ['a', utf8('one')],
            ['b', utf8('two')],
          ]),
        );
        await backend.write(
          new Map([
            ['a', undefined],
            ['c', new Uint8Array(0)],
          ]),
        );
        await backend.writeFile('rows-1', 0, utf8('hello world'));
        await backend.writeFile('rows-1', 6, utf8('you'));
        await backend.writeFile('rows-2', 0, utf8('x'));
        await backend.removeFile('rows-2');
        await backend.removeFile('rows-3');
      });
      await tamper(place, async (backend) => {
        expect(await backend.get('a')).toBeUndefined();
        expect(await backend.get('b')).toEqual(utf8('two'));
        expect(new Map(await backend.entries())).toEqual(
          new Map([
            ['b', utf8('two')],
            ['c', new Uint8Array(0)],
          ]),
        );
        expect(await backend.readFile('rows-1')).toEqual(utf8('hello you'));
        expect(await backend.readFile('rows-2')).toBeUndefined();
        expect(await backend.files()).toMatchObject([{ name: 'rows-1', bytes: 9 }]);
      });
    });
  });

  describe('a store', () => {
    it('makes values out of those that are there, one after the other, and says what it could not keep', async () => {
      const place = await newPlace();
      const store = keep(place);
      const counted = (value: Uint8Array | undefined) => Uint8Array.of(...(value ?? []), value?.length ?? 0);
      const kept = await Promise.all(Array.from({ length: 20 }, () => store.changeValue('numbers', counted)));
      expect(kept).toEqual(Array(20).fill(true));
      const all = Uint8Array.from({ length: 20 }, (_, i) => i);
      expect(await store.value('numbers')).toEqual(all);
      const failed = await store.changeValue('numbers', () => {
        throw new PerigeeError('STORE_CORRUPT', 'these are no numbers');
      });
      expect([failed, store.view.error?.code]).toEqual([false, 'STORE_CORRUPT']);
      await store.close();
      expect(await keep(place).value('numbers')).toEqual(all);
    });

    it('gives back on the next visit what it said to have kept', async () => {
      const place = await newPlace();
      const rows = [row(3), row(900), row(17)];
      const first = keep(place);
      const answer = utf8('an encoded HeaderAnswer');
      const kept = await Promise.all([
        first.keepHeader({ height: 7, answer: utf8('older') }),
        first.keepHeader({ height: 2 ** 40, answer }),
        first.keepVerdict(verdict(BLOB, 5)),
        first.keepRows(BLOB, rows.slice(0, 2)),
        first.keepRows(BLOB, rows.slice(1)),
        first.keepEvidence(evidenceOf('e-1'), utf8('the evidence')),
      ]);
      expect(kept).toEqual(kept.map(() => true));
      await first.close();

      const next = keep(place);
      expect(await next.header()).toEqual({ height: 2 ** 40, answer });
      expect(await next.verdicts()).toEqual([{ ...verdict(BLOB, 5), rows: [], earlier: true }]);
      expect(await next.rows(BLOB)).toEqual(rows);
      expect(await next.rows(`00${'cd'.repeat(32)}`)).toEqual([]);
      expect(await evidencesOf(next)).toEqual([evidenceOf('e-1')]);
      expect(await next.evidence('e-1')).toEqual(utf8('the evidence'));
      expect(next.view.error).toBeUndefined();
      expect(next.view.usedBytes).toBeGreaterThan(3 * 8192);
      await next.dropHeader();
      expect(await next.header()).toBeUndefined();
    });

    it('replaces a verdict, adds rows to those there are, keeps evidence as it was, and shows the newest verdict first', async () => {
      const store = keep(await newPlace());
      const other = `00${'cd'.repeat(32)}`;
      await store.keepVerdict(verdict(BLOB, 1));
      await store.keepVerdict(verdict(other, 2));
      await store.keepVerdict(verdict(BLOB, 3));
      expect((await store.verdicts()).map(({ blobId, outcomeAtMs }) => [blobId, outcomeAtMs])).toEqual([
        [BLOB, 3],
        [other, 2],
      ]);
      await store.keepRows(BLOB, [row(1)]);
      await store.keepRows(BLOB, [row(1), row(2)]);
      expect((await store.rows(BLOB)).map(({ index }) => index)).toEqual([1, 2]);
      await store.keepEvidence(evidenceOf('same'), utf8('first'));
      await store.keepEvidence(evidenceOf('same'), utf8('second'));
      expect(await store.evidence('same')).toEqual(utf8('first'));
      await expect(store.evidence('../same')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(() => store.keepEvidence(evidenceOf('../same'), utf8('x'))).toThrow(PerigeeError);
      expect(
        await store.keepRows(
          BLOB,
          Array.from({ length: 600 }, (_, i) => row(i)),
        ),
      ).toBe(true);
      expect((await store.rows(BLOB)).length).toBe(MAX_KEPT_ROWS_PER_BLOB);
    });

    it('forgets the oldest verdict when there are too many, on a later visit too', async () => {
      const place = await newPlace();
      const idOf = (i: number) => `00${i.toString(16).padStart(64, '0')}`;
      await tamper(place, async (backend) => {
        const all = Array.from({ length: MAX_KEPT_VERDICTS }, (_, i) => verdict(idOf(i), 5_000 - i)); // the first by name is the newest
        const sealed = all.map(
          (each) => [`verdict-${each.blobId}`, seal(`verdict-${each.blobId}`, verdictToBytes(each))] as const,
        );
        await backend.write(new Map(sealed));
      });
      const store = keep(place);
      expect(await store.keepVerdict(verdict(BLOB, 6_000))).toBe(true);
      const ids = (await store.verdicts()).map(({ blobId }) => blobId);
      expect(ids).toHaveLength(MAX_KEPT_VERDICTS);
      expect(ids.slice(0, 2)).toEqual([BLOB, idOf(0)]);
      expect(ids).not.toContain(idOf(MAX_KEPT_VERDICTS - 1));
    });

    it('stays within its budget: rows go first, those used longest ago', async () => {
      const store = keep(await newPlace());
      const many = Array.from({ length: 400 }, (_, i) => row(i));
      const blobs = ['01', '02', '03', '04', '05', '06'].map((digits) => `00${digits.repeat(32)}`);
      await store.keepEvidence(evidenceOf('e'), utf8('evidence'));
      for (const blobId of blobs) {
        expect(await store.keepRows(blobId, many)).toBe(true);
        expect(store.view.usedBytes).toBeLessThanOrEqual(MIN_STORE_BYTES);
        if (blobId !== blobs[0]) expect((await store.rows(blobs[0] ?? '')).length).toBe(400); // used, so it stays
      }
      const counts = await Promise.all(blobs.map(async (blobId) => (await store.rows(blobId)).length));
      expect(counts).toEqual([400, 0, 0, 400, 400, 400]);
      expect(await store.evidence('e')).toEqual(utf8('evidence'));
    });

    it('full of verdicts forgets the oldest for what comes, and no evidence', async () => {
      const place = await newPlace();
      const idOf = (i: number) => `00${i.toString(16).padStart(64, '0')}`;
      const words = { name: 'PerigeeError' as const, code: 'TIMEOUT' as const, message: 'x'.repeat(15_900) };
      await tamper(place, async (backend) => {
        const sealed = Array.from({ length: MAX_KEPT_VERDICTS }, (_, i) => {
          const key = `verdict-${idOf(i)}`;
          return [key, seal(key, verdictToBytes({ ...verdict(idOf(i), i), error: words }))] as const;
        });
        await backend.write(new Map(sealed));
      });
      const store = keep(place);
      expect(await store.keepEvidence(evidenceOf('e'), utf8('evidence'))).toBe(true);
      expect(
        await store.keepRows(
          BLOB,
          Array.from({ length: 200 }, (_, i) => row(i)),
        ),
      ).toBe(true);
      expect(await store.keepHeader({ height: 1, answer: new Uint8Array(40_000) })).toBe(true);
      expect(store.view.usedBytes).toBeLessThanOrEqual(MIN_STORE_BYTES);
      expect(store.view.error).toBeUndefined();
      expect(await store.evidence('e')).toEqual(utf8('evidence'));
      const left = (await store.verdicts()).map(({ blobId }) => blobId);
      expect(left.length).toBeLessThan(MAX_KEPT_VERDICTS - 50);
      expect(left).toEqual(Array.from(left, (_, i) => idOf(MAX_KEPT_VERDICTS - 1 - i))); // the newest
      await store.close();
      expect((await keep(place).verdicts()).map(({ blobId }) => blobId)).toEqual(left);
    });

    it('makes room when the device is full, and says so when there is none to make', async () => {
      const place = await newPlace();
      let room = 2;
      const full = async (): Promise<StoreBackend> => {
        const backend = await place();
        return new Proxy(backend, {
          get(target, name) {
            if (name === 'writeFile') {
              return async (...given: Parameters<StoreBackend['writeFile']>) => {
                if ((await target.files()).length >= room) throw new PerigeeError('STORE_FULL', 'no room');
                await target.writeFile(...given);
              };
            }
            const value: unknown = Reflect.get(target, name);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
      };
      const store = keep(full);
      const [a, b, c] = ['0a', '0b', '0c'].map((digits) => `00${digits.repeat(32)}`) as [string, string, string];
      for (const blobId of [a, b, c]) expect(await store.keepRows(blobId, [row(1)])).toBe(true);
      expect(store.view.error).toBeUndefined();
      expect([await store.rows(a), (await store.rows(b)).length]).toEqual([[], 1]);
      room = 0;
      expect(await store.keepRows(a, [row(1)])).toBe(false);
      expect(store.view.error?.code).toBe('STORE_FULL');
      room = 9;
      expect(await store.keepRows(a, [row(1)])).toBe(true);
      expect(store.view.error).toBeUndefined();
    });

    it('that was full when it was opened keeps again once there is room', async () => {
      const place = await newPlace();
      let isFull = true;
      const full = async (): Promise<StoreBackend> => {
        const backend = await place();
        return new Proxy(backend, {
          get(target, name) {
            if (name === 'write' && isFull) return () => Promise.reject(new PerigeeError('STORE_FULL', 'no room'));
            const value: unknown = Reflect.get(target, name);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
      };
      const store = keep(full);
      expect(await store.keepHeader({ height: 9, answer: utf8('header') })).toBe(false);
      expect(store.view.error?.code).toBe('STORE_FULL');
      isFull = false;
      expect(await store.keepHeader({ height: 10, answer: utf8('header') })).toBe(true);
      expect(store.view.error).toBeUndefined();
      expect((await store.header())?.height).toBe(10);
    });

    it('drops what is damaged, and nothing else', async () => {
      const place = await newPlace();
      const first = keep(place);
      const other = `00${'cd'.repeat(32)}`;
      await first.keepHeader({ height: 9, answer: utf8('header') });
      await first.keepVerdict(verdict(BLOB, 1));
      await first.keepVerdict(verdict(other, 2));
      await first.keepRows(BLOB, [row(1), row(2), row(3)]);
      await first.keepEvidence(evidenceOf('torn'), utf8('evidence'));
      await first.keepEvidence(evidenceOf('whole'), utf8('evidence'));
      await first.close();
      await tamper(place, async (backend) => {
        const flip = (bytes: Uint8Array | undefined): Uint8Array => {
          const out = (bytes ?? new Uint8Array(1)).slice();
          out[out.length - 1] = (out[out.length - 1] ?? 0) ^ 1;
          return out;
        };
        await backend.write(new Map([['header', flip(await backend.get('header'))]]));
        await backend.write(new Map([[`verdict-${BLOB}`, await backend.get(`verdict-${other}`)]])); // good, but not here
        for (const [name, cut] of [
          [`rows-${BLOB}`, 5],
          ['evidence-torn', 1],
        ] as const) {
          const file = (await backend.readFile(name)) ?? new Uint8Array(0);
          await backend.writeFile(name, file.length - cut, new Uint8Array(0));
        }
      });
      const store = keep(place);
      expect(await store.header()).toBeUndefined();
      expect((await store.verdicts()).map(({ blobId }) => blobId)).toEqual([other]);
      expect((await store.rows(BLOB)).map(({ index }) => index)).toEqual([1, 2]);
      expect(await store.keepRows(BLOB, [row(3), row(4)])).toBe(true);
      expect((await store.rows(BLOB)).map(({ index }) => index)).toEqual([1, 2, 3, 4]);
      expect((await evidencesOf(store)).map(({ id }) => id)).toEqual(['whole']);
      expect(store.view.error).toBeUndefined();
    });

    it('drops what is whole and nothing that this program keeps, and nothing else', async () => {
      const place = await newPlace();
      const first = keep(place);
      const [none, list, other] = ['cd', 'ef', '01'].map((digits) => `00${digits.repeat(32)}`) as [string, string, string];
      await first.keepVerdict(verdict(BLOB, 1));
      await first.keepEvidence(evidenceOf('whole'), utf8('evidence'));
      await first.close();
      const sealed = (key: string, text: string): [string, Uint8Array] => [key, seal(key, utf8(text))];
      const fileOf = (name: string, ...payloads: Uint8Array[]): Uint8Array =>
        concat(fileHeader(), ...payloads.map((payload) => recordOf(name, payload)));
      await tamper(place, async (backend) => {
        const ofAnother = JSON.stringify(verdict(BLOB, 2));
        await backend.write(
          new Map([sealed(`verdict-${none}`, 'null'), sealed(`verdict-${list}`, '[{'), sealed(`verdict-${other}`, ofAnother)]),
        );
        await backend.writeFile(`rows-${BLOB}`, 0, fileOf(`rows-${BLOB}`, Uint8Array.of(0xff)));
        await backend.writeFile('evidence-odd', 0, fileOf('evidence-odd', utf8('1'), utf8('evidence')));
      });
      const store = keep(place);
      expect((await store.verdicts()).map(({ blobId }) => blobId)).toEqual([BLOB]);
      expect(await store.rows(BLOB)).toEqual([]);
      expect(await store.keepRows(BLOB, [row(1)])).toBe(true);
      expect((await store.rows(BLOB)).map(({ index }) => index)).toEqual([1]);
      expect((await evidencesOf(store)).map(({ id }) => id)).toEqual(['whole']);
      expect(store.view.error).toBeUndefined();
    });

    it('of a newer program is refused and left as it is', async () => {
      const place = await newPlace();
      await tamper(place, (backend) => backend.write(new Map([['format', seal('format', utf8('2'))]])));
      const store = keep(place);
      expect(await store.keepHeader({ height: 1, answer: utf8('x') })).toBe(false);
      expect(await store.header()).toBeUndefined();
      expect(await store.rows(BLOB)).toEqual([]);
      expect(store.view.error?.code).toBe('STORE_VERSION');
      await tamper(place, async (backend) => {
        expect(await backend.entries()).toEqual([['format', seal('format', utf8('2'))]]);
      });
    });

    it('as it was stored by the first program that had one can be read', async () => {
      const place = await newPlace();
      await tamper(place, async (backend) => {
        await backend.write(new Map(Object.entries(stored.values).map(([key, hex]) => [key, fromHex(hex)])));
        for (const [name, hex] of Object.entries(stored.files)) await backend.writeFile(name, 0, fromHex(hex));
      });
      const store = keep(place);
      expect(toHex((await store.header())?.answer ?? new Uint8Array(0))).toBe(stored.expected.answer);
      expect((await store.verdicts()).map(({ blobId, outcome }) => ({ blobId, outcome }))).toEqual(stored.expected.verdicts);
      expect((await store.rows(BLOB)).map(({ index }) => index)).toEqual(stored.expected.rows);
      expect(await evidencesOf(store)).toEqual(stored.expected.evidence);
      expect(store.view.error).toBeUndefined();
    });
  });
}

/** What evidence there is, that of earlier visits too. */
export async function evidencesOf(store: KeptStore): Promise<readonly EvidenceView[]> {
  await store.verdicts();
  return store.evidenceViews;
}
