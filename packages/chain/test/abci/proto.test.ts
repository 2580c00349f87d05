import { readFileSync } from 'node:fs';
import { Request, Response } from '@perigee/chain/abci';
import { describe, expect, it } from 'vitest';
import { prefix } from './client.ts';
import { ProtoFile } from './proto-file.ts';

const proto = new ProtoFile(readFileSync(new URL('../../src/abci/abci.proto', import.meta.url), 'utf8'));

const kinds = (['Request', 'Response'] as const).flatMap((name) =>
  proto.fields(name).map((field) => ({ of: name, kind: field.name, number: field.number, type: field.type })),
);

function wrap(number: number, body: Buffer): Buffer {
  return Buffer.concat([prefix(number * 8 + 2), prefix(body.length), body]);
}

/** How many fields a message and all messages in it hold. */
function count(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + count(item), 0);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0;
  return Object.values(value).reduce<number>((sum, held) => sum + 1 + count(held), 0);
}

function countOf(type: string): number {
  return proto.fields(type).reduce((sum, field) => {
    const inner = proto.messages.has(field.type) ? countOf(field.type) : 0;
    return sum + 1 + inner * (field.isRepeated ? 2 : 1);
  }, 0);
}

describe('abci.proto says what the codec reads and writes', () => {
  it.each(kinds)('$of $kind with all fields', ({ of, number, type }) => {
    const codec = of === 'Request' ? Request : Response;
    const raw = wrap(number, proto.full(type));
    const value = codec.decode(raw);
    // nothing was skipped as unknown, and the codec has no field more
    expect(Buffer.from((codec as { encode(value: object): Uint8Array }).encode(value)).toString('hex')).toBe(raw.toString('hex'));
    expect(count(value)).toBe(1 + countOf(type));
  });

  it.each(kinds)('$of $kind with none', ({ of, kind, number, type }) => {
    const codec = of === 'Request' ? Request : Response;
    const read = () => codec.decode(wrap(number, Buffer.alloc(0)));
    // an answer of which the engine would not know the meaning is not written
    if (
      proto.fields(type).some((field) => /Verdict|Result$/.test(field.type) && field.type !== 'ExecTxResult' && !field.isRepeated)
    ) {
      expect(read).toThrow(/has no meaning here/);
      return;
    }
    const empty = wrap(number, proto.empty(type));
    expect(read(), kind).toEqual(codec.decode(empty));
    if (of === 'Response') expect(Buffer.from(Response.encode(read() as Response)).toString('hex')).toBe(empty.toString('hex'));
  });

  it('and they are 16 requests and 17 responses, the number of a response one above that of its request', () => {
    const [requests, responses] = [proto.fields('Request'), proto.fields('Response')];
    expect([requests.length, responses.length]).toEqual([16, 17]);
    for (const { name, number } of requests) expect(responses.find((field) => field.name === name)?.number).toBe(number + 1);
  });
});
