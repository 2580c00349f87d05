import { join } from 'node:path';
import { utf8 } from '@perigee/wire';
import { expect, it, onTestFinished } from 'vitest';
import { openHeaderValues } from '#header-values';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { headerStoreSuite } from '../../../light-core/test/comet/client/header-store-suite.ts';
import type { HeaderValues } from '../../src/comet/index.ts';

headerStoreSuite(async () => {
  const directory = temporaryFolder('headers');
  let last: HeaderValues | undefined;
  onTestFinished(async () => last?.close());
  return async () => {
    await last?.close(); // one program at a time
    last = await openHeaderValues({ name: 'test-5eed5eed', directory });
    return last;
  };
});

it('is of one program at a time, and apart for each name', async () => {
  const directory = temporaryFolder('headers');
  const first = await openHeaderValues({ name: 'a', directory });
  onTestFinished(() => first.close());
  await first.write(new Map([['key', utf8('one')]]));
  await expect(openHeaderValues({ name: 'a', directory })).rejects.toMatchObject({ code: 'STORE_LOCKED' });
  const other = await openHeaderValues({ name: 'b', directory });
  expect(await other.keys()).toEqual([]);
  await other.close();
  await first.close();
  const again = await openHeaderValues({ name: 'a', directory });
  expect(await again.get('key')).toEqual(utf8('one'));
  await again.close();
});

it('is refused without a folder, with a name that leaves it, and in a place that is none', async () => {
  const directory = temporaryFolder('headers');
  await expect(openHeaderValues({ name: 'a' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  for (const name of ['', '..', '.', 'a/b', '../a', 'x'.repeat(81)]) {
    await expect(openHeaderValues({ name, directory })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  }
  const file = import.meta.filename;
  await expect(openHeaderValues({ name: 'a', directory: join(file, 'below') })).rejects.toMatchObject({ code: 'INTERNAL' });
});
