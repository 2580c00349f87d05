import { X509Certificate } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toBase64 } from '@perigee/wire';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import stored from '../../../../tests/vectors/webtransport-certificates.json' with { type: 'json' };
import { Certificates } from '../../src/webtransport/certificates.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SERVED_MS = 14 * DAY_MS - 2 * HOUR_MS;
const START = Date.UTC(2026, 10, 30);

const hashes = (certificates: Certificates): string[] => certificates.announced.map(toBase64);

test('a certificate is of P-256, valid for 14 days, and used for all of them but an hour at either end', async () => {
  const certificates = await Certificates.open(undefined, START);
  const { pem } = certificates.current;
  const certificate = new X509Certificate(pem);
  expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  expect(Date.parse(certificate.validFrom)).toBe(START - HOUR_MS);
  expect(Date.parse(certificate.validTo)).toBe(START - HOUR_MS + 14 * DAY_MS);
  expect(certificates.rotatesAt).toBe(START + SERVED_MS);
});

test('the next one takes its place in time, and the one before is still confirmed to those who dial by an older address', async () => {
  const certificates = await Certificates.open(undefined, START);
  const [first, second] = hashes(certificates);
  expect(certificates.confirmed.map(toBase64)).toEqual([first, second]);
  expect(await certificates.rotate(START + SERVED_MS - 1)).toBe(false);
  expect(await certificates.rotate(START + SERVED_MS)).toBe(true);
  expect(hashes(certificates)[0]).toBe(second);
  expect(certificates.confirmed.map(toBase64)).toEqual([first, ...hashes(certificates)]);
  expect(Date.parse(new X509Certificate(certificates.current.pem).validFrom)).toBe(START + SERVED_MS - HOUR_MS);
  expect(await certificates.rotate(START + SERVED_MS)).toBe(false);
});

test('a restart keeps them; one after both have ended, or with a clock set back, makes new ones', async () => {
  const folder = await temporaryFolder();
  const first = hashes(await Certificates.open(folder, START));
  expect((await stat(join(folder, 'webtransport.json'))).mode & 0o777).toBe(0o600);
  expect(hashes(await Certificates.open(folder, START + DAY_MS))).toEqual(first);
  const rotated = hashes(await Certificates.open(folder, START + SERVED_MS + DAY_MS));
  expect(rotated[0]).toBe(first[1]);
  expect(hashes(await Certificates.open(folder, START + SERVED_MS + DAY_MS))).toEqual(rotated);
  const late = hashes(await Certificates.open(folder, START + 60 * DAY_MS));
  expect(late.some((hash) => rotated.includes(hash))).toBe(false);
  expect(hashes(await Certificates.open(folder, START)).some((hash) => late.includes(hash))).toBe(false);
});

test('version 1 is what is stored', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'webtransport.json');
  await writeFile(path, JSON.stringify(stored.file));
  const certificates = await Certificates.open(folder, stored.file.current.from);
  expect(hashes(certificates)).toEqual(stored.announced);
  expect(certificates.confirmed).toHaveLength(3);
  await writeFile(path, JSON.stringify({ ...stored.file, version: 2 }));
  await expect(Certificates.open(folder, START)).rejects.toMatchObject({ code: 'STORE_VERSION' });
});

test('a damaged file is an error and stays as it is', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'webtransport.json');
  const { current, next } = stored.file;
  const swapped = { ...stored.file, current: { ...current, key: next.key } };
  for (const damaged of ['', 'null', '{}', '{"version":1}', JSON.stringify(swapped), JSON.stringify(stored.file).slice(0, -9)]) {
    await writeFile(path, damaged);
    await expect(Certificates.open(folder, START)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await readFile(path, 'utf8')).toBe(damaged);
  }
});
