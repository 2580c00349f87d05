import { FILE_SEGMENT_BYTES } from '@perigee/wire';
import { expect, it } from 'vitest';
import { StoredShare } from '../../src/files/put/stored-share.ts';

const [one, two] = [FILE_SEGMENT_BYTES, 2 * FILE_SEGMENT_BYTES];

it('counts all files together, and never less than before', () => {
  const share = new StoredShare([two, 1_000], 2);
  const bytes = () => share.bytes.storedBytes;
  const all = 2 * (two + 1_000);
  expect(share.bytes).toEqual({ storedBytes: 0, storeBytes: all });
  share.note(0, { storedBytes: two, storeBytes: two }); // the one node that is known has it, and there are to be two
  expect(bytes()).toBe(two);
  share.note(0, { storedBytes: two + one, storeBytes: 2 * two });
  expect(bytes()).toBe(3 * one);
  share.note(0, { storedBytes: one, storeBytes: 2 * two }); // a node was lost, and another begins
  share.note(1, { storedBytes: 0, storeBytes: 0 });
  expect(bytes()).toBe(3 * one);
  share.note(0, { storedBytes: 3 * two, storeBytes: 3 * two });
  share.note(1, 'all');
  expect(share.bytes).toEqual({ storedBytes: all, storeBytes: all });
});
