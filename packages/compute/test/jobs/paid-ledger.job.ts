/** Run as a process of its own: takes orders and keeps receipts, and says so, until it is killed. */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { orderIdOf } from '@perigee/light-core/receipt';
import { type InferenceReceipt, PaymentOrder, toHex } from '@perigee/wire';
import { PaidLedger } from '../../src/provider/paid-ledger.ts';

const [, , dir, round] = process.argv;
const bytes = (length: number, name: string): Uint8Array =>
  Uint8Array.from(createHash('sha256').update(`${name} ${round}`).digest().subarray(0, length));

if (dir !== undefined) {
  const say = (line: string): void => void writeSync(1, `${line}\n`);
  const ledger = await PaidLedger.open(dir);
  const zeros = new Uint8Array(32);
  const parameters = { maxTokens: 9, temperatureMillionths: 0, topPMillionths: 1, seed: 1, stop: [] };
  for (let i = 0; i < 1_000; i++) {
    const fixed = { version: 1, genesisHash: zeros, provider: zeros.slice(12), payer: zeros.slice(12), modelRoot: zeros };
    const order = { body: { ...fixed, requestHash: zeros, maxFee: 9n, nonce: bytes(16, `${i}`), expiryHeight: 100 } };
    await ledger.begin(order);
    say(`BEGUN ${toHex(PaymentOrder.encode(order))}`);
    const orderId = orderIdOf(order.body);
    const price = { perRequest: 0n, perPromptToken: 0n, perAnswerToken: 1n };
    const execution = { version: 1, orderId, modelRoot: zeros, engine: 'job/1', parameters, price };
    for (let sequence = 1; sequence <= 3; sequence++) {
      const usage = { promptTokens: 1, answerTokens: sequence };
      const place = { chunks: sequence, bytes: sequence, runningHash: zeros };
      const hashes = { orderId, requestHash: zeros, executionHash: zeros };
      const body = { version: 1, ...hashes, sequence, ...place, usage, fee: BigInt(sequence), finish: 0 };
      const checkpoint = { body, signature: new Uint8Array(64) };
      const receipt: InferenceReceipt = { version: 1, order, execution, checkpoint, signer: { scheme: 1, key: zeros } };
      await ledger.keep(receipt);
      say(`KEPT ${toHex(orderId)} ${sequence}`);
    }
  }
}
