import { expect, it } from 'vitest';
import { checkStorageUrl, storageOfferOf } from '../../src/storage/index.ts';

const storage = { shardId: 1, numShard: 4, url: 'http://192.0.2.7:5678/' };

it('is what a peer with the role says, with an address only where it is one', () => {
  const roles = ['da', 'storage'];
  expect(storageOfferOf({ roles, storage })).toEqual(storage);
  expect(storageOfferOf({ roles, storage: { shardId: 0, numShard: 1 } })).toEqual({ shardId: 0, numShard: 1 });
  expect(storageOfferOf({ roles: ['da'], storage })).toBeUndefined();
  expect(storageOfferOf({ roles })).toBeUndefined();
  for (const [shardId, numShard] of [
    [4, 4],
    [0, 3],
    [0, 0],
  ] as const) {
    expect(storageOfferOf({ roles, storage: { shardId, numShard } })).toBeUndefined();
  }
  for (const url of ['javascript:alert(1)', 'http://', 'ftp://a/', 'http://a/\r\nX: y', 'http://a/"><b>', 'http://a b/', '']) {
    expect(storageOfferOf({ roles, storage: { ...storage, url } })).toEqual({ shardId: 1, numShard: 4 });
    expect(() => checkStorageUrl(url)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  }
  for (const url of ['https://storage.example/zgs', 'http://[2001:db8::1]:5678/']) expect(checkStorageUrl(url)).toBe(url);
});
