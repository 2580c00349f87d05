import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../src/model/index.ts';
import { isSameFile, type Upload, Uploads } from '../src/requests/uploads.ts';

const NOW = Date.UTC(2026, 10, 23);
const KEY = 'perigee/uploads';

function storageOf(...texts: string[]) {
  const values = new Map(texts.map((text) => [KEY, text]));
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, text: string) => void values.set(key, text),
  };
}

function upload(id: string, change: Partial<Upload> = {}): Upload {
  return { id, name: 'report.pdf', size: 1_000, lastModified: 5, policy: DEFAULT_POLICY, startedAtMs: NOW, ...change };
}

describe('Uploads', () => {
  it('remembers what was begun, newest first, until it has ended', () => {
    const storage = storageOf();
    const uploads = new Uploads(() => storage);
    uploads.add(upload('a'));
    uploads.add(upload('b'));
    uploads.add(upload('a'));
    expect(new Uploads(() => storage).list(NOW)).toEqual([upload('a'), upload('b')]);
    uploads.remove('a', NOW);
    expect(uploads.list(NOW)).toEqual([upload('b')]);
  });

  it('forgets what is a day old, and keeps sixteen', () => {
    const uploads = new Uploads(() => storage);
    const storage = storageOf();
    uploads.add(upload('old'));
    expect(uploads.list(NOW + 25 * 3_600_000)).toEqual([]);
    for (let i = 0; i < 20; i++) uploads.add(upload(`${i}`));
    expect(uploads.list(NOW)).toHaveLength(16);
  });

  it.each([
    ['no JSON', '{'],
    ['another thing', '{"id":"a"}'],
    ['an entry without a policy', JSON.stringify([{ ...upload('a'), policy: undefined }])],
    ['a policy of another kind', JSON.stringify([{ ...upload('a'), policy: { ...DEFAULT_POLICY, redundancy: 3 } }])],
    ['a size past all blobs', JSON.stringify([upload('a', { size: 1e9 })])],
    ['a name that is no text', JSON.stringify([{ ...upload('a'), name: {} }])],
    ['null', 'null'],
  ])('takes %s for nothing', (_, text) => {
    const storage = storageOf(text);
    expect(new Uploads(() => storage).list(NOW)).toEqual([]);
  });

  it('does without storage', () => {
    const uploads = new Uploads(() => {
      throw new Error('blocked');
    });
    uploads.add(upload('a'));
    uploads.remove('a', NOW);
    expect(uploads.list(NOW)).toEqual([]);
  });
});

it('a file is known again by name, size and time', () => {
  const file = { name: 'report.pdf', size: 1_000, lastModified: 5 };
  expect(isSameFile(upload('a'), file)).toBe(true);
  expect(isSameFile(upload('a'), { ...file, lastModified: 6 })).toBe(false);
  expect(isSameFile(upload('a'), { ...file, size: 1 })).toBe(false);
  expect(isSameFile(upload('a'), { ...file, name: 'x' })).toBe(false);
});
