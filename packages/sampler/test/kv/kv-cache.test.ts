import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { openKvTier } from '../../src/kv/tier.ts';
import { kvCacheSuite } from './kv-cache-suite.ts';

kvCacheSuite(openKvTier, () => temporaryFolder('kv-cache'));

it('lies in a folder, that one program has', async () => {
  const genesisHash = '09'.repeat(32);
  await expect(openKvTier({ genesisHash })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  const directory = temporaryFolder('kv-cache');
  const tier = await openKvTier({ genesisHash, directory });
  await expect(openKvTier({ genesisHash, directory })).rejects.toMatchObject({ code: 'STORE_LOCKED' });
  const before = await tier.profileKey();
  expect(before.extractable).toBe(false);
  await tier.close();
  const again = await openKvTier({ genesisHash, directory });
  const bytes = new Uint8Array(3);
  const mac = await crypto.subtle.sign('HMAC', before, bytes);
  expect(await crypto.subtle.verify('HMAC', await again.profileKey(), mac, bytes)).toBe(true);
  await again.close();
});
