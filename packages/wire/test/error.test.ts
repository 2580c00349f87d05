import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ErrorObject, isErrorCode, PerigeeError } from '../src/index.ts';

describe('crossing a thread', () => {
  test('keeps code, words, data and causes', () => {
    const error = new PerigeeError('ROW_PATH', 'row 7 has a wrong path', {
      data: { index: 7, peer: 'x', again: true, why: null },
      cause: new PerigeeError('PROOF', 'path leads to another root', { cause: new TypeError('below') }),
    });
    const back = PerigeeError.fromObject(structuredClone(error.toObject()));
    expect(back).toBeInstanceOf(PerigeeError);
    expect(back.toObject()).toEqual(error.toObject());
    expect(back.message).toBe('row 7 has a wrong path');
    expect(back.data).toEqual({ index: 7, peer: 'x', again: true, why: null });
    expect((back.cause as PerigeeError).code).toBe('PROOF');
    expect(((back.cause as PerigeeError).cause as PerigeeError).code).toBe('INTERNAL');
  });

  test('holds for any message, through JSON too', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))),
        (message, data) => {
          const error = new PerigeeError('BUSY', message, { data });
          const back = PerigeeError.fromObject(JSON.parse(JSON.stringify(error.toObject())));
          expect(back.toObject()).toEqual(JSON.parse(JSON.stringify(error.toObject())));
        },
      ),
    );
  });

  test('ends endless causes', () => {
    const error = new PerigeeError('INTERNAL', 'turns in a circle');
    Object.defineProperty(error, 'cause', { value: error });
    let depth = 0;
    for (let at = error.toObject(); at.cause !== undefined; at = at.cause) depth++;
    expect(depth).toBe(4);
    let nested: ErrorObject = { code: 'PARSE', message: 'inside' };
    for (let i = 0; i < 1_000; i++) nested = { code: 'PARSE', message: `${i}`, cause: nested };
    let back = 0;
    for (let at: unknown = PerigeeError.fromObject(nested); at instanceof PerigeeError; at = at.cause) back++;
    expect(back).toBe(5);
  });

  test.each([undefined, null, 7, 'text', [], {}, { code: 'NO_SUCH_CODE' }, { code: 7, message: 7, data: 7, cause: 7 }])(
    'makes %j INTERNAL',
    (value) => {
      const back = PerigeeError.fromObject(value);
      expect(back.code).toBe('INTERNAL');
      expect(typeof back.message).toBe('string');
      expect(back.data).toBeUndefined();
    },
  );

  test('drops data that is no plain data', () => {
    expect(PerigeeError.fromObject({ code: 'PARSE', message: 'm', data: { a: { b: 1 } } }).data).toBeUndefined();
    expect(PerigeeError.fromObject({ code: 'PARSE', message: 'm', data: ['a'] }).data).toBeUndefined();
  });
});

describe('from', () => {
  const abort = () => {
    const controller = new AbortController();
    controller.abort();
    return controller.signal.reason;
  };
  test.each([
    [new PerigeeError('PRUNED', 'old'), 'PRUNED'],
    [abort(), 'ABORTED'],
    [new DOMException('slow', 'TimeoutError'), 'TIMEOUT'],
    [new TypeError('bug'), 'INTERNAL'],
    ['text', 'INTERNAL'],
    [undefined, 'INTERNAL'],
  ])('%s', (thrown, code) => {
    expect(PerigeeError.from(thrown).code).toBe(code);
  });
});

test('codes are a closed set', () => {
  expect(isErrorCode('PROOF')).toBe(true);
  for (const value of ['proof', 'toString', '', 7, null]) expect(isErrorCode(value)).toBe(false);
});
