import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OpenLevel } from '@perigee/disk';
import { InferenceReceipt, PaymentOrder, toHex } from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { crashRounds, randomOf, startProcess, temporaryFolder } from '../../../../tests/kit/index.ts';
import { PaidLedger } from '../../src/provider/index.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const FILE = new URL('../../../../tests/vectors/paid-ledger.json', import.meta.url);
const wire = JSON.parse(readFileSync(new URL('../../../../tests/vectors/wire.json', import.meta.url), 'utf8')).messages;
const bytesOf = (name: string): Uint8Array => Uint8Array.from(Buffer.from(wire[name], 'hex'));
const order = PaymentOrder.decode(bytesOf('PaymentOrder'));
const receipt = InferenceReceipt.decode(bytesOf('InferenceReceipt'));

async function entriesOf(dir: string): Promise<Record<string, string>> {
  const level = await OpenLevel.open(dir, 1, 'paid answers');
  const out: Record<string, string> = {};
  for await (const [key, value] of level.entries()) out[key] = toHex(value);
  await level.close();
  return out;
}

describe('the ledger of a provider', () => {
  it('writes what it always wrote', async () => {
    const dir = temporaryFolder('ledger');
    const ledger = await PaidLedger.open(dir);
    await ledger.begin(order);
    await ledger.keep(receipt);
    await ledger.close();
    const written = { version: 1, entries: await entriesOf(dir) };
    if (process.env.PERIGEE_WRITE_FIXTURES === '1') writeFileSync(FILE, `${JSON.stringify(written, null, 2)}\n`);
    expect(written).toEqual(JSON.parse(readFileSync(FILE, 'utf8')));
  });

  it('takes a nonce once, also at once and after it was opened again, until no block can settle it', async () => {
    const dir = temporaryFolder('ledger');
    const first = await PaidLedger.open(dir);
    const both = await Promise.allSettled([first.begin(order), first.begin(order)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await first.keep(receipt);
    await expect(PaidLedger.open(dir)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await first.close();
    const again = await PaidLedger.open(dir);
    await expect(again.begin(order)).rejects.toMatchObject({ code: 'ORDER', data: { check: 'nonce' } });
    expect(await again.receipts()).toEqual([receipt]);
    await again.settled([receipt.checkpoint.body.orderId]);
    expect(await again.receipts()).toEqual([]);
    expect(await again.prune(order.body.expiryHeight)).toBe(0);
    await expect(again.begin(order)).rejects.toMatchObject({ code: 'ORDER' });
    expect(await again.prune(order.body.expiryHeight + 1)).toBe(1);
    await again.begin(order);
    await again.close();
  });

  it('of a newer format is refused', async () => {
    const dir = temporaryFolder('ledger');
    const level = await OpenLevel.open(dir, 2, 'paid answers');
    await level.close();
    await expect(PaidLedger.open(dir)).rejects.toMatchObject({ code: 'STORE_VERSION' });
  });

  it('loses nothing that was acknowledged, wherever its process is killed', { timeout: 600_000 }, async () => {
    const random = randomOf(onTestFailed);
    const dir = temporaryFolder('ledger');
    const job = fileURLToPath(new URL('../../../../dist/test/jobs/paid-ledger.job.js', import.meta.url));
    const { kills } = await crashRounds({
      folder: dir,
      rounds: LONG ? 50 : 4,
      within: 40,
      random,
      cut: 'unsynced',
      start: (env, round) => startProcess(job, [dir, String(round)], { env }),
      check: async (_crash, child) => {
        const said = child.stdout().split('\n');
        const ledger = await PaidLedger.open(dir);
        const kept = new Map((await ledger.receipts()).map(({ checkpoint: { body } }) => [toHex(body.orderId), body.sequence]));
        for (const line of said) {
          const [, what, id = '', value = ''] = /^(BEGUN|KEPT) (\w+) ?(\w*)$/.exec(line) ?? [];
          if (what === 'KEPT') expect(kept.get(id) ?? 0).toBeGreaterThanOrEqual(Number(value));
          if (what !== 'BEGUN') continue;
          const again = PaymentOrder.decode(Uint8Array.from(Buffer.from(id, 'hex')));
          await expect(ledger.begin(again)).rejects.toMatchObject({ code: 'ORDER' });
        }
        await ledger.close();
      },
    });
    expect(kills).toBeGreaterThan(0);
  });
});
