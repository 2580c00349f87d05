import { readFileSync } from 'node:fs';
import { concat, fromHex, type StorageSubmit, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../../tests/kit/code-of.ts';
import { submitsOfCall } from '../../src/tx/ethereum/storage-calls.ts';

interface Stored {
  readonly submissions: readonly {
    readonly length: number;
    readonly tags: string;
    readonly nodes: readonly { root: string; height: number }[];
  }[];
  readonly calls: readonly (readonly [withoutSubmitter: string, withSubmitter: string])[];
}
const stored: Stored = JSON.parse(readFileSync(new URL('../../../../tests/vectors/storage-calls.json', import.meta.url), 'utf8'));
const due = stored.submissions.map(({ length, tags, nodes }) => ({
  length,
  tags: fromHex(tags),
  nodes: nodes.map(({ root, height }) => ({ root: fromHex(root), height })),
}));
const batch = stored.calls.at(-1) ?? ['', ''];

/** Without the tokens. */
const filesOf = (submits: ReturnType<typeof submitsOfCall>) =>
  submits.map(({ storageSubmit }) => {
    const { value: _value, ...file } = storageSubmit as StorageSubmit;
    return file;
  });
const valuesOf = (submits: ReturnType<typeof submitsOfCall>) => submits.map(({ storageSubmit }) => storageSubmit?.value ?? -1n);
const word = (value: number | bigint) => fromHex(value.toString(16).padStart(64, '0'));

describe('calls that submit files', () => {
  it('have the selectors of the clients', () => {
    const selectors = [stored.calls[0], batch].map((both) => both?.map((data) => data.slice(0, 10)));
    expect(selectors).toEqual([
      ['0xef3e12dc', '0xbc8c11f8'],
      ['0x9e62a38e', '0x49aa3395'],
    ]);
  });

  it('are read in both shapes, one file and several', () => {
    due.forEach((file, i) => {
      for (const data of stored.calls[i] ?? []) expect(filesOf(submitsOfCall(fromHex(data), 5n))).toEqual([file]);
    });
    for (const data of batch) expect(filesOf(submitsOfCall(fromHex(data), 5n))).toEqual(due);
  });

  it('share what is sent along by sectors, and lose none of it', () => {
    const sectors = due.map(({ nodes }) => nodes.reduce((sum, { height }) => sum + 2n ** BigInt(height), 0n));
    const total = sectors.reduce((sum, one) => sum + one, 0n);
    for (const price of [0n, 1n, 24n, 30_733_644_962n]) {
      for (const more of [0n, 1n, total - 1n]) {
        const values = valuesOf(submitsOfCall(fromHex(batch[1]), total * price + more));
        expect(values.reduce((sum, one) => sum + one, 0n)).toBe(total * price + more);
        values.forEach((value, i) => {
          expect(value).toBeGreaterThanOrEqual((sectors[i] ?? 0n) * price);
        });
      }
    }
    // too little for all is too little for one of them
    const short = valuesOf(submitsOfCall(fromHex(batch[1]), total * 24n - 1n));
    expect(short.some((value, i) => value < (sectors[i] ?? 0n) * 24n)).toBe(true);
  });

  it('are refused cut off, lengthened, and laid out in another way', () => {
    for (const data of [...(stored.calls[0] ?? []), ...(stored.calls[2] ?? []), ...batch].map((one) => fromHex(one))) {
      for (let length = 0; length < data.length; length += length < 8 ? 1 : 31) {
        expect(codeOf(() => submitsOfCall(data.subarray(0, length), 0n))).toBe('TX_MESSAGE');
      }
      expect(codeOf(() => submitsOfCall(concat(data, word(0)), 0n))).toBe('TX_MESSAGE');
      expect(codeOf(() => submitsOfCall(concat(data, Uint8Array.of(0)), 0n))).toBe('TX_MESSAGE');
      // every word that is an offset or a count: anything else there is refused, or another file is read
      const right = filesOf(submitsOfCall(data, 0n));
      for (let at = 4; at + 32 <= data.length; at += 32) {
        for (const value of [0n, 1n, 2n ** 53n, 2n ** 256n - 1n]) {
          const changed = concat(data.subarray(0, at), word(value), data.subarray(at + 32));
          if (toHex(changed) === toHex(data)) continue;
          const read = (() => {
            try {
              return filesOf(submitsOfCall(changed, 0n));
            } catch (error) {
              expect(error).toMatchObject({ code: 'TX_MESSAGE' });
              return undefined;
            }
          })();
          // the submitter alone says nothing here
          const isSubmitter = read !== undefined && JSON.stringify(read) === JSON.stringify(right);
          if (isSubmitter) expect(toHex(data.subarray(at, at + 32))).toMatch(/^0{24}(5b){20}$/);
        }
      }
    }
  });

  it('are refused with more files, nodes, tags or height than the chain takes', () => {
    const submission = (tags: number, nodes: number, height: number) =>
      concat(
        ...[256, 0x60, 0x80 + 32 * Math.ceil(tags / 32), tags].map(word),
        new Uint8Array(32 * Math.ceil(tags / 32)),
        word(nodes),
        ...Array.from({ length: nodes }, () => concat(word(1), word(height))),
      );
    const submit = (body: Uint8Array) => codeOf(() => submitsOfCall(concat(fromHex('ef3e12dc'), word(32), body), 0n));
    expect(submit(submission(1_024, 4, 34))).toBe('none');
    expect(submit(submission(1_025, 4, 34))).toBe('TX_MESSAGE');
    expect(submit(submission(0, 5, 34))).toBe('TX_MESSAGE');
    expect(submit(submission(0, 4, 35))).toBe('TX_MESSAGE');
    expect(submit(concat(...[256, 0x60, 0x80, 2 ** 40].map(word)))).toBe('TX_MESSAGE');
    const many = (count: number) => {
      const one = submission(0, 1, 0);
      const offsets = Array.from({ length: count }, (_, i) => word(32 * count + i * one.length));
      const data = concat(fromHex(batch[0].slice(2, 10)), word(32), word(count), ...offsets, ...offsets.map(() => one));
      return codeOf(() => submitsOfCall(data, 0n));
    };
    expect([0, 1, 16, 17].map(many)).toEqual(['TX_MESSAGE', 'none', 'none', 'TX_MESSAGE']);
  });

  it('with tags whose padding is not zeros are refused', () => {
    const body = [256, 0x60, 0xa0, 1].map(word);
    const call = (padding: number) =>
      concat(
        fromHex('ef3e12dc'),
        word(32),
        ...body,
        Uint8Array.of(7),
        new Uint8Array(31).fill(padding),
        word(1),
        word(5),
        word(0),
      );
    expect(codeOf(() => submitsOfCall(call(0), 0n))).toBe('none');
    expect(codeOf(() => submitsOfCall(call(1), 0n))).toBe('TX_MESSAGE');
  });
});
