import { utf8 } from '@perigee/wire';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { newIdentity } from '../src/identity.browser.ts';

/** What the browser multiplies itself, and how often it was asked to. */
function watchBrowser(answer?: () => Promise<never>) {
  const spy = vi.spyOn(crypto.subtle, 'generateKey');
  if (answer !== undefined) spy.mockImplementation(answer);
  onTestFinished(() => spy.mockRestore());
  return spy;
}

async function requireKey(): Promise<void> {
  const key = await newIdentity();
  expect(key.type).toBe('Ed25519');
  const message = utf8('a handshake');
  const signature = await key.sign(message);
  expect(await key.publicKey.verify(message, signature)).toBe(true);
  expect(await key.publicKey.verify(utf8('another'), signature)).toBe(false);
  expect((await newIdentity()).publicKey.equals(key.publicKey)).toBe(false);
}

describe('the identity of a page', () => {
  test('is made by the browser, and signs', async () => {
    const made = watchBrowser();
    await requireKey();
    expect(made).toHaveBeenCalledTimes(2);
  });

  test('is made all the same by a browser that knows no such keys', async () => {
    watchBrowser(() => Promise.reject(new DOMException('no such algorithm', 'NotSupportedError')));
    await requireKey();
  });
});
