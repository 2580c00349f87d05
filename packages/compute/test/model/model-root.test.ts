import { fileTreeOf, nobleFileHash } from '@perigee/light-core/storage';
import { concatAll, toHex, utf8 } from '@perigee/wire';
import { expect, it } from 'vitest';
import { modelPack, modelRootOf } from '../../src/engines/model-root.ts';

const FILES = [
  { name: 'vocab.json', bytes: utf8('[]') },
  { name: 'model.json', bytes: utf8('{}') },
];
/** Version 1 of the pack: `PERIGEEM`, version, count; names and lengths, ascending by name; the files. */
const PACK =
  '504552494745454d' +
  '01000200' +
  '0a6d6f64656c2e6a736f6e0200000000000000' +
  '0a766f6361622e6a736f6e0200000000000000' +
  '7b7d5b5d';

it('several files are one pack, whatever their order; one file is itself', () => {
  expect(toHex(concatAll([...modelPack(FILES)]))).toBe(PACK);
  expect(toHex(concatAll([...modelPack(FILES.toReversed())]))).toBe(PACK);
  expect(modelRootOf(FILES, nobleFileHash)).toEqual(fileTreeOf(Buffer.from(PACK, 'hex'), nobleFileHash).root);
  expect(modelRootOf(FILES.slice(0, 1), nobleFileHash)).toEqual(fileTreeOf(utf8('[]'), nobleFileHash).root);
});
