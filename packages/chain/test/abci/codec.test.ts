import { readFileSync } from 'node:fs';
import { Request, Response } from '@perigee/chain/abci';
import { fromHex, PerigeeError, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../tests/kit/index.ts';
import { requests, responses } from './samples.ts';

const { messages } = JSON.parse(readFileSync(new URL('../../../../tests/vectors/abci.json', import.meta.url), 'utf8')) as {
  readonly messages: Readonly<Record<string, string>>;
};
const samples = [
  ...Object.entries(requests).map(([name, value]) => ({ name: `request ${name}`, type: Request, value })),
  ...Object.entries(responses).map(([name, value]) => ({ name: `response ${name}`, type: Response, value })),
] as readonly { readonly name: string; readonly type: typeof Request & typeof Response; readonly value: object }[];

describe("the messages of CometBFT's own Go types", () => {
  it('are all there', () => {
    expect(samples.map(({ name }) => name).toSorted()).toEqual(Object.keys(messages).toSorted());
  });

  it.each(samples)('$name: the same bytes, the same value', ({ name, type, value }) => {
    expect(toHex(type.encode(value))).toBe(messages[name]);
    expect(type.decode(fromHex(messages[name] ?? ''))).toEqual(value);
  });
});

describe('changed bytes', () => {
  it('are read as something, or refused with PARSE', () => {
    const random = createRandom(38);
    for (const hex of Object.values(messages)) {
      for (let i = 0; i < 200; i++) {
        const raw = fromHex(hex);
        if (raw.length === 0) continue;
        for (let changes = random.between(1, 3); changes > 0; changes--) raw[random.below(raw.length)] = random.below(256);
        const cut = random.chance(0.2) ? raw.subarray(0, random.below(raw.length)) : raw;
        for (const type of [Request, Response]) {
          try {
            type.decode(cut);
          } catch (error) {
            expect(error).toBeInstanceOf(PerigeeError);
            expect(error).toMatchObject({ code: 'PARSE' });
          }
        }
      }
    }
  });

  it('of a stranger in what CometBFT only hands on are no failure', () => {
    // a path that is no UTF-8, and heights of any 64 bits
    const path = fromHex('1203fffeff');
    const height = fromHex('18ffffffffffffffff7f');
    const query = Uint8Array.of(...path, ...height);
    const { query: read } = Request.decode(Uint8Array.of(0x32, query.length, ...query));
    expect(read).toMatchObject({ path: '\ufffd\ufffd\ufffd', height: Number.MAX_SAFE_INTEGER });
  });

  it('in a list longer than the arguments of a call are written and read', () => {
    const txs = Array.from({ length: 100_000 }, () => Uint8Array.of(1));
    const raw = Response.encode({ prepareProposal: { txs } });
    expect(Response.decode(raw).prepareProposal?.txs).toHaveLength(txs.length);
  });
});
