import { expect, it } from 'vitest';
import { openHeaderValues } from '#header-values';
import { headerStoreSuite } from '../../../light-core/test/comet/client/header-store-suite.ts';

const newName = (): string => `test-${crypto.randomUUID()}`;

headerStoreSuite(async () => {
  const name = newName();
  return () => openHeaderValues({ name });
});

it('is apart for each name, and shared by those of one name', async () => {
  const name = newName();
  const [first, second, other] = await Promise.all([
    openHeaderValues({ name }),
    openHeaderValues({ name }),
    openHeaderValues({ name: newName() }),
  ]);
  await first.write(new Map([['key', Uint8Array.of(1, 2)]]));
  expect(await second.get('key')).toEqual(Uint8Array.of(1, 2));
  expect(await second.keys()).toEqual(['key']);
  expect(await other.keys()).toEqual([]);
});
