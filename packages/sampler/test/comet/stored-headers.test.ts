import { writeFileSync } from 'node:fs';
import { fromHex, toHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { openHeaderValues } from '#header-values';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import stored from '../../../../tests/vectors/light-headers.json' with { type: 'json' };
import { trust } from '../../../light-core/test/comet/asserts.ts';
import { CHAIN_ID, makeChain, testValidators } from '../../../light-core/test/comet/chain.ts';
import { type KeyValues, memoryValues, openHeaderStore } from '../../src/comet/index.ts';

const first = testValidators('stored', [10, 7, 5]);
const second = testValidators('stored, later', [9]);
const chain = makeChain(4, (height) => (height < 4 ? first : second));

/** PERIGEE_WRITE_FIXTURES=1 stores what this program writes; a change of the format is a new version, and a new file beside this one. */
it('headers are written as they were stored', async () => {
  const values = await openHeaderValues({ name: 'fixture', directory: temporaryFolder('headers') });
  const store = await openHeaderStore({ values, chainId: CHAIN_ID });
  for (const block of chain.slice(1)) await store.keep(await trust(block));
  const made = {
    source: 'packages/sampler/test/comet/stored-headers.test.ts, written by this project',
    version: 1,
    values: await dump(values),
  };
  await values.close();
  if (process.env.PERIGEE_WRITE_FIXTURES === '1') {
    writeFileSync(new URL('../../../../tests/vectors/light-headers.json', import.meta.url), `${JSON.stringify(made, null, 2)}\n`);
  } else {
    expect(made).toEqual(stored);
  }
});

it('a store of version 1 is read', async () => {
  const values = memoryValues();
  await values.write(new Map(Object.entries(stored.values).map(([key, value]) => [key, fromHex(value)])));
  const store = await openHeaderStore({ values, chainId: CHAIN_ID });
  for (const block of chain.slice(1)) {
    const expected = await trust(block);
    expect(await store.at(expected.header.height)).toEqual(expected);
  }
});

async function dump(values: KeyValues): Promise<Record<string, string>> {
  const keys = [...(await values.keys())].sort();
  return Object.fromEntries(
    await Promise.all(keys.map(async (key) => [key, toHex((await values.get(key)) ?? new Uint8Array())] as const)),
  );
}
