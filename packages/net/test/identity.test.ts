import { createHash, X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PerigeeError } from '@perigee/wire';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/index.ts';
import { createCertificate, loadCertificate } from '../src/certificate.ts';
import { createHost } from '../src/index.ts';

const DAY_MS = 24 * 3_600_000;
const listen = { host: '127.0.0.1', tcp: 0, webrtcDirect: 0 };
const certhash = (addresses: string[]): string | undefined =>
  addresses.map((address) => /\/certhash\/([^/]+)/.exec(address)?.[1]).find((hash) => hash !== undefined);

async function folder(): Promise<string> {
  return join(await temporaryFolder(), 'net');
}

test('identity and certificate survive a restart, and only their owner can read them', async () => {
  const directory = await folder();
  const first = await createHost({ listen, directory });
  const [peerId, hash] = [first.peerId, certhash(first.multiaddrs())];
  await first.stop();
  const second = await createHost({ listen, directory });
  onTestFinished(() => second.stop());
  expect(second.peerId).toBe(peerId);
  expect(certhash(second.multiaddrs())).toBe(hash);
  expect(hash).toMatch(/^uEi[\w-]+$/);

  expect((await readdir(directory)).sort()).toEqual(['identity.key', 'webrtc.pem']);
  if (process.platform !== 'win32') {
    for (const name of await readdir(directory)) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  }
});

test('without a folder every host is somebody else', async () => {
  const [first, second] = await Promise.all([createHost({ listen }), createHost({ listen })]);
  onTestFinished(async () => {
    await Promise.all([first.stop(), second.stop()]);
  });
  expect(first.peerId).not.toBe(second.peerId);
  expect(certhash(first.multiaddrs())).not.toBe(certhash(second.multiaddrs()));
});

test.each(['identity.key', 'webrtc.pem'])('a damaged %s is an error and stays as it is', async (name) => {
  const directory = await folder();
  await mkdir(directory, { recursive: true });
  const path = join(directory, name);
  for (const damaged of ['', 'no key', '0801', `-----${'BEGIN PRIVATE KEY'}-----\nAAAA\n`]) {
    await writeFile(path, damaged);
    const error = await createHost({ listen, directory }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PerigeeError);
    expect((error as PerigeeError).code).toBe('STORE_CORRUPT');
    expect((error as PerigeeError).message).toContain(path);
    expect(await readFile(path, 'utf8')).toBe(damaged);
  }
});

test('a key with the certificate of another is damaged', async () => {
  const directory = await folder();
  await loadCertificate(directory);
  const path = join(directory, 'webrtc.pem');
  await writeFile(path, `${createCertificate().privateKey}\n${createCertificate().pem}`);
  await expect(loadCertificate(directory)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});

test('the certificate is well formed, signed by itself, and its hash is the one in the address', () => {
  const now = Date.UTC(2026, 10, 23, 12);
  for (let i = 0; i < 20; i++) {
    const { pem, certhash: hash } = createCertificate(now);
    const certificate = new X509Certificate(pem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(Date.parse(certificate.validFrom)).toBe(now - DAY_MS);
    expect(Date.parse(certificate.validTo)).toBe(now + 365 * DAY_MS);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    const digest = createHash('sha256').update(certificate.raw).digest();
    expect(Buffer.from(hash.slice(1), 'base64url')).toEqual(Buffer.concat([Buffer.of(0x12, 0x20), digest]));
  }
});

test('a certificate is kept until a month before its end', async () => {
  const directory = await folder();
  const now = Date.UTC(2026, 10, 23);
  const first = await loadCertificate(directory, now);
  expect(await loadCertificate(directory, now + 334 * DAY_MS)).toEqual(first);
  const renewed = await loadCertificate(directory, now + 336 * DAY_MS);
  expect(renewed.certhash).not.toBe(first.certhash);
  expect(await loadCertificate(directory, now + 336 * DAY_MS)).toEqual(renewed);
});
