import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { developmentSimulation } from '@perigee/compute/evidence/simulated';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vendorServer } from '../../../packages/compute/test/collateral/vendor-server.ts';
import { runPerigee, temporaryFolder } from '../../../tests/kit/index.ts';

const SUBJECT = 'intel/tdx/ff7065726900/platform';
const simulation = developmentSimulation({ now: () => Date.now() });
let vendor: Awaited<ReturnType<typeof vendorServer>>;
beforeAll(async () => {
  vendor = await vendorServer(simulation);
});
afterAll(() => {
  vendor.server.closeAllConnections();
  vendor.server.close();
});

const perigee = async (home: string, ...words: string[]) => {
  const { code, stdout, output } = await runPerigee(['collateral', ...words, '--home', home, '--json']);
  return { code, value: (stdout === '' ? {} : JSON.parse(stdout)) as Record<string, unknown>, output };
};

it('gets collateral of a vendor, lists it, hands it out and takes it in elsewhere', async () => {
  const [home, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
  const got = await perigee(home, 'import', SUBJECT, '--simulated', '--url', vendor.url);
  expect([got.code, got.output]).toEqual([0, expect.stringContaining(SUBJECT)]);
  expect((await perigee(home, 'list', '--simulated')).value).toMatchObject({
    collateral: [{ subject: SUBJECT, until: expect.any(String) }],
  });
  const file = join(home, 'intel.pgco');
  expect((await perigee(home, 'show', SUBJECT, '--simulated', '-o', file)).code).toBe(0);
  expect((await readFile(file)).subarray(0, 4).toString()).toBe('PGCO');
  const taken = await perigee(elsewhere, 'import', '--simulated', '--from', file);
  expect(taken.value).toMatchObject({ kept: [{ subject: SUBJECT }] });
});

it('gets what evidence needs', async () => {
  const home = await temporaryFolder();
  const { bytes } = await simulation.source('intel-tdx').quote(new Uint8Array(64), new AbortController().signal);
  await writeFile(join(home, 'quote'), bytes);
  const got = await perigee(home, 'import', '--for', join(home, 'quote'), '--simulated', '--url', vendor.url);
  expect(got.value).toMatchObject({ kept: [{ subject: SUBJECT }] });
});

it('takes nothing that no vendor has signed, and says how it is used', async () => {
  const home = await temporaryFolder();
  const forged = await perigee(home, 'import', SUBJECT, '--url', vendor.url);
  expect([forged.code, forged.output]).toEqual([
    1,
    expect.stringMatching(
      /ATTESTATION.*does not end in a root that is pinned|does not end in a root that is pinned.*ATTESTATION/,
    ),
  ]);
  expect((await perigee(home, 'list')).value).toEqual({ collateral: [] });
  expect((await perigee(home, 'show', SUBJECT)).output).toContain('NOT_FOUND');
  for (const words of [
    [],
    ['import'],
    ['show'],
    ['list', 'x'],
    ['import', SUBJECT, '--from', 'x'],
    ['import', 'intel/tdx', '--url', vendor.url],
  ]) {
    const { code, output } = await perigee(home, ...words);
    expect(code).toBe(1);
    expect(output).toMatch(/INVALID_ARGUMENT|NOT_FOUND/);
  }
});
