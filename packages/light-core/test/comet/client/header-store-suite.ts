/** What a header store must do over any place that values lie in: run in memory, in LevelDB and in IndexedDB. */
import { PerigeeError, SignedHeader, StoredHeaders, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { type KeyValues, openHeaderStore } from '../../../src/comet/client/index.ts';
import type { VerifiedLightBlock } from '../../../src/comet/index.ts';
import { codeOf, trust } from '../asserts.ts';
import { CHAIN_ID, makeBlock, makeChain, type TestValidator, testValidators } from '../chain.ts';

/** @param makePlace gives a new place, and with each call of what it returns opens that place again */
export function headerStoreSuite(makePlace: () => Promise<() => Promise<KeyValues>>): void {
  const first = testValidators('store', [10, 10, 10]);
  const second = testValidators('store, later', [10, 10]);
  /** The set changes with every third height. */
  const setAt = (height: number): readonly TestValidator[] => (Math.floor(height / 3) % 2 === 0 ? first : second);
  /** Heights 1 to 9; made when it is first needed, for signing takes time. */
  let chain: Promise<VerifiedLightBlock[]> | undefined;
  const verifiedChain = (): Promise<VerifiedLightBlock[]> => {
    chain ??= Promise.all(makeChain(9, setAt).map((block) => trust(block)));
    return chain;
  };
  const open = (values: KeyValues, maxHeaders = 100) => openHeaderStore({ values, chainId: CHAIN_ID, maxHeaders });
  const keysOf = async (values: KeyValues, prefix: string): Promise<readonly string[]> =>
    (await values.keys()).filter((key) => key.startsWith(prefix)).sort();

  describe('a header store', () => {
    it('gives back what was kept, and its neighbours, also when it is opened again', async () => {
      const place = await makePlace();
      const blocks = await verifiedChain();
      const values = await place();
      const store = await open(values);
      expect(await store.latest()).toBeUndefined();
      for (const height of [2, 7, 5]) await store.keep(blocks[height - 1] as VerifiedLightBlock);
      for (const again of [async () => store, async () => open(await place())]) {
        const each = await again();
        expect(await each.latest()).toEqual(blocks[6]);
        expect(await each.at(5)).toEqual(blocks[4]);
        expect(await each.at(4)).toBeUndefined();
        expect(await each.before(5)).toEqual(blocks[1]);
        expect(await each.before(2)).toBeUndefined();
        expect(await each.after(2)).toEqual(blocks[4]);
        expect(await each.after(7)).toBeUndefined();
      }
    });

    it('keeps a set once, however many headers name it, and no longer than one does', async () => {
      const values = await (await makePlace())();
      const store = await open(values, 3);
      const blocks = await verifiedChain();
      for (const block of blocks.slice(0, 5)) await store.keep(block);
      expect(await keysOf(values, 'v/')).toHaveLength(2);
      expect(await keysOf(values, 'h/')).toHaveLength(3);
      const same = await Promise.all([11, 12, 13].map((height) => trust(makeBlock({ height, validators: first }))));
      for (const block of same) await store.keep(block);
      expect(await keysOf(values, 'v/')).toEqual([`v/${toHex(same[0]?.header.validatorsHash ?? new Uint8Array())}`]);
      expect(await store.at(5)).toBeUndefined();
      expect(await store.latest()).toEqual(same[2]);
    });

    it('has the newer of two headers of one height, and forgets all when it is told to', async () => {
      const values = await (await makePlace())();
      const store = await open(values);
      const one = await trust(makeBlock({ height: 4, validators: first }));
      const other = await trust(makeBlock({ height: 4, validators: second }));
      await store.keep(one);
      await store.keep(other);
      expect(await store.at(4)).toEqual(other);
      expect(await keysOf(values, 'h/')).toHaveLength(1);
      expect(await keysOf(values, 'v/')).toHaveLength(1);
      await store.clear();
      expect(await values.keys()).toEqual(['format']);
      expect(await store.latest()).toBeUndefined();
      await store.keep(one);
      expect(await store.latest()).toEqual(one);
    });

    it('loses to damage what is damaged, and nothing else', async () => {
      const place = await makePlace();
      const values = await place();
      const blocks = await verifiedChain();
      const fill = await open(values);
      for (const height of [1, 4, 8]) await fill.keep(blocks[height - 1] as VerifiedLightBlock);
      const [low = '', middle = '', high = ''] = await keysOf(values, 'h/');
      const header = (await values.get(high)) ?? new Uint8Array();
      await values.write(new Map([[high, header.slice(0, -3)]]));
      expect((await (await open(values)).latest())?.header.height).toBe(4);
      // a header in the place of another height is not that header
      await values.write(new Map([[middle, (await values.get(low)) ?? new Uint8Array()]]));
      expect((await (await open(values)).latest())?.header.height).toBe(1);
      // a set that is gone takes along what names it, until it is written anew
      await values.write(new Map((await keysOf(values, 'v/')).map((key) => [key, undefined])));
      const store = await open(values);
      expect(await store.latest()).toBeUndefined();
      await store.keep(blocks[0] as VerifiedLightBlock);
      expect(await store.latest()).toEqual(blocks[0]);
      expect(await (await open(await place())).latest()).toEqual(blocks[0]);
    });

    it('does not take a changed header for the one that was verified', async () => {
      const values = await (await makePlace())();
      const block = await trust(makeBlock({ height: 3, validators: first }));
      await (await open(values)).keep(block);
      const [key = ''] = await keysOf(values, 'h/');
      const { header, commit } = block;
      const forged = SignedHeader.encode({ header: { ...header, appHash: new Uint8Array(32) }, commit });
      await values.write(new Map([[key, forged]]));
      expect(await (await open(values)).latest()).toBeUndefined();
    });

    it('of another chain or a newer format is refused and left as it is; one whose format cannot be read is begun anew', async () => {
      const values = await (await makePlace())();
      const block = await trust(makeBlock({ height: 3, validators: first }));
      await (await open(values)).keep(block);
      const before = await values.keys();
      expect(await codeOf(() => openHeaderStore({ values, chainId: 'other-00000000' }))).toBe('WRONG_CHAIN');
      const format = await values.get('format');
      await values.write(new Map([['format', StoredHeaders.encode({ version: 2, chainId: CHAIN_ID })]]));
      expect(await codeOf(() => open(values))).toBe('STORE_VERSION');
      expect(await values.keys()).toEqual(before);
      await values.write(new Map([['format', format]]));
      expect(await (await open(values)).latest()).toEqual(block);
      await values.write(new Map([['format', Uint8Array.of(0xff, 1, 2)]]));
      expect(await (await open(values)).latest()).toBeUndefined();
      expect(await values.keys()).toEqual(['format']);
    });

    it('knows after a failed write what it knew before', async () => {
      const values = await (await makePlace())();
      let full = false;
      const store = await open({
        keys: () => values.keys(),
        get: (key) => values.get(key),
        write: async (changes) => {
          if (full) throw new PerigeeError('STORE_FULL', 'the device is full');
          await values.write(changes);
        },
      });
      const blocks = await verifiedChain();
      await store.keep(blocks[0] as VerifiedLightBlock);
      full = true;
      expect(await codeOf(() => store.keep(blocks[3] as VerifiedLightBlock))).toBe('STORE_FULL');
      expect(await codeOf(() => store.clear())).toBe('STORE_FULL');
      expect(await store.latest()).toEqual(blocks[0]);
      full = false;
      await store.keep(blocks[3] as VerifiedLightBlock);
      expect(await store.latest()).toEqual(blocks[3]);
      expect(await (await open(values)).latest()).toEqual(blocks[3]);
    });
  });
}
