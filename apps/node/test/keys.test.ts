import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PerigeeError } from '@perigee/wire';
import { addr } from 'micro-eth-signer';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { accountKey, accountSigner, keyPath, keyView, listKeys, namedKeyPath } from '../src/keyring.ts';
import { ensureKey, formatSecretKey, parseSecretKey, readKey, writeNewKey } from '../src/keys.ts';

describe('the keys of a home', () => {
  const secret = 'ab'.repeat(32);

  it('have names, and no two have one', async () => {
    const home = temporaryFolder('keyring');
    expect(await listKeys(home)).toEqual([]);
    const key = parseSecretKey(`secp256k1:${secret}`);
    expect(await writeNewKey(keyPath(home, 'wallet'), key)).toBe(true);
    expect(await writeNewKey(keyPath(home, 'wallet'), parseSecretKey(secret))).toBe(false);
    expect(readFileSync(join(home, 'wallet.key'), 'utf8')).toBe(`secp256k1:${secret}\n`);
    expect(statSync(join(home, 'wallet.key')).mode & 0o777).toBe(0o600);
    await ensureKey(keyPath(home, 'account'));
    const list = await listKeys(home);
    expect(list.map(({ name, scheme }) => [name, scheme])).toEqual([
      ['account', 'ed25519'],
      ['wallet', 'secp256k1'],
    ]);
    // the address that Ethereum wallets show for this key
    expect(`0x${list[1]?.address}`).toBe(addr.fromPrivateKey(secret).toLowerCase());
    expect(JSON.stringify(list)).not.toContain(secret);
    await expect(readKey(keyPath(home, 'wallet'))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  it('are found by name or by file', async () => {
    const home = temporaryFolder('keyring');
    await ensureKey(keyPath(home, 'account'));
    expect(namedKeyPath(home, 'account')).toBe(join(home, 'account.key'));
    expect(namedKeyPath(home, join(home, 'account.key'))).toBe(join(home, 'account.key'));
    for (const name of ['', '..', 'a/b', 'A', 'x'.repeat(64), '-o']) {
      expect(() => keyPath(home, name)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });

  it('have an account that is made when it is first used, and no other', async () => {
    const home = temporaryFolder('keyring');
    await expect(accountKey(home, 'other')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(accountSigner(home, 'other')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(readdirSync(home)).toEqual([]);
    const made = await accountKey(home, undefined);
    expect(readdirSync(home)).toEqual(['account.key']);
    expect(await accountKey(home, 'account')).toEqual(made);
    const { publicKey } = await accountSigner(home, undefined);
    expect((await listKeys(home)).map((key) => key.publicKey)).toEqual([Buffer.from(publicKey).toString('hex')]);
  });

  it('are read in one form', () => {
    for (const text of ['', secret.slice(2), `${secret}00`, `ed25519:${secret}`, `secp256k1:${secret}x`, 'zz'.repeat(32)]) {
      expect(() => parseSecretKey(text)).toThrow(PerigeeError);
    }
    for (const text of [secret, `secp256k1:${secret}`]) expect(formatSecretKey(parseSecretKey(`${text}\n`))).toBe(`${text}\n`);
    const zero = parseSecretKey(`secp256k1:${'00'.repeat(32)}`);
    expect(() => keyView('zero', 'zero.key', zero)).toThrow();
  });
});

describe('a key', () => {
  it('is made once, whole, by however many that start at a time, and leaves nothing beside it', async () => {
    const folder = temporaryFolder('keys');
    const path = join(folder, 'deep', 'account.key');
    const made = await Promise.all(Array.from({ length: 8 }, () => ensureKey(path)));
    const kept = await readKey(path);
    for (const { publicKey } of made) expect(publicKey).toEqual(kept.publicKey);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['account.key']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is never made in place of something else', async () => {
    const folder = temporaryFolder('keys');
    mkdirSync(join(folder, 'folder'), { recursive: true });
    await expect(ensureKey(join(folder, 'folder'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(readdirSync(folder)).toEqual(['folder']);
    writeFileSync(join(folder, 'damaged'), 'abc');
    await expect(ensureKey(join(folder, 'damaged'))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});
