import { fromHex, toHex, utf8 } from '@perigee/wire';
import { expect, it } from 'vitest';
import { KvCache } from '../../src/kv/index.ts';
import { openKvTier } from '../../src/kv/tier.browser.ts';
import { kvCacheSuite } from './kv-cache-suite.ts';

kvCacheSuite(openKvTier, () => undefined);

it('has one key in all tabs, that no script can read', async () => {
  const genesisHash = '09'.repeat(32);
  const tabs = await Promise.all([openKvTier({ genesisHash }), openKvTier({ genesisHash })]);
  const [one, two] = (await Promise.all(tabs.map((tab) => tab.profileKey()))) as [CryptoKey, CryptoKey];
  expect(one.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', one)).rejects.toThrow();
  const bytes = new Uint8Array(3);
  const mac = await crypto.subtle.sign('HMAC', one, bytes);
  expect(await crypto.subtle.verify('HMAC', two, mac, bytes)).toBe(true);
});

it('of two tabs one writes, both read, and when it ends the other writes', async () => {
  const genesisHash = 'ab'.repeat(32);
  const [first, second] = [await openKvTier({ genesisHash }), await openKvTier({ genesisHash })];
  expect([first.isWriter, second.isWriter]).toEqual([true, false]);
  const [one, two] = [first, second].map((tier) => new KvCache({ genesisHash: fromHex(genesisHash), tier })) as [
    KvCache,
    KvCache,
  ];
  const stream = new Uint8Array(32).fill(1);
  const put = async (cache: KvCache, key: string): Promise<void> => {
    cache.put({ stream, key: utf8(key), height: 1, timeMs: 1 });
    await cache.flush();
  };
  await put(one, 'of the first');
  await put(two, 'of the second');
  expect((await first.sizes()).map(([name]) => name)).toEqual([`${toHex(stream)}/${toHex(utf8('of the first'))}`]);
  expect((await two.find(stream, [utf8('of the first')]))[0]).toMatchObject({ source: 'device' });
  await one.close();
  await second.becomesWriter;
  await put(two, 'later');
  expect(await second.sizes()).toHaveLength(2);
  await two.close();
});
