import { blobGeometry, type CertificateTerms } from '@perigee/light-core/da';
import { AnswerHash, AUDIT_NAMESPACE, executionHashOf, orderIdOf, requestHashOf, unpaidOrder } from '@perigee/light-core/receipt';
import { auditKey, auditorSumsKey, reportPlaceKey, reportSumsKey } from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import {
  AUDIT_VERDICT,
  AuditRecord,
  blobIdOf,
  type ComputeReport,
  type InferenceRequest,
  MAX_RECEIPT_BYTES,
  MODEL_KIND,
  type PaymentOrder,
  ReportPlace,
  ReportSums,
  utf8,
} from '@perigee/wire';
import { beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_EVENT } from '../../../src/machine/index.ts';
import { RECEIPT_RESULT, RESULT_CODE } from '../../../src/machine/result-codes.ts';
import { certificateOf } from '../../certificates.ts';
import { addressOf } from '../../devnet.ts';
import { bytesOf, checkpointOf, keyOf, MODEL, PRICE, Providing, RULES } from './providing.ts';

const request: InferenceRequest = {
  version: 1,
  kind: MODEL_KIND.chat,
  modelRoot: MODEL,
  salt: bytesOf('salt'),
  messages: [{ role: 'user', content: 'What orbits closest?' }],
  inputs: [],
  parameters: { maxTokens: 100, temperatureMillionths: 0, topPMillionths: 1_000_000, stop: [] },
};
const chunks = ['Mer', 'cury', '.'].map((text) => utf8(text));

describe('an auditor', { timeout: 60_000 }, () => {
  let chain: Providing;
  beforeAll(async () => {
    chain = await Providing.begin();
    expect(await chain.register('pat', 'signer 1')).toMatchObject({ code: 0 });
  });

  /** What is said of an answer of pat's, whose receipt opens to request and answer. */
  async function reportOf(
    nonce: number,
    change: Partial<ComputeReport> = {},
    signer = 'signer 1',
    provider = 'pat',
  ): Promise<ComputeReport> {
    const { order } = await chain.claim({
      payer: 'alice',
      provider,
      signer,
      nonce,
      order: { requestHash: requestHashOf(request) },
    });
    return reportOn(order, nonce, change, signer);
  }

  async function reportOn(
    order: PaymentOrder,
    nonce: number,
    change: Partial<ComputeReport> = {},
    signer = 'signer 1',
  ): Promise<ComputeReport> {
    const orderId = orderIdOf(order.body);
    const hash = new AnswerHash(orderId, request.salt);
    for (const chunk of chunks) hash.push(chunk);
    const execution = {
      version: 1,
      orderId,
      modelRoot: MODEL,
      engine: 'int8/1',
      parameters: { ...request.parameters, seed: 7 },
      price: PRICE,
    };
    const checkpoint = await checkpointOf(order, { signer, nonce }, { ...hash.place, executionHash: executionHashOf(execution) });
    return {
      receipt: { version: 1, order, execution, checkpoint, signer: keyOf(signer) },
      verdict: AUDIT_VERDICT.fraud,
      ownHash: bytesOf('another answer'),
      request,
      answer: { chunks },
      ...change,
    };
  }

  const send = (computeReport: ComputeReport, from = 'bob') => chain.send(from, [{ computeReport }]);

  it('reports a fraud with what opens the receipt, for a deposit, and takes it back when its time is over', async () => {
    const report = await reportOf(1);
    const before = chain.pool;
    const result = await send(report);
    expect(result).toMatchObject({ code: 0, log: '', events: [{ type: AUDIT_EVENT }] });
    expect(chain.pool).toBe(before + RULES.reportDeposit);
    const { orderId } = report.receipt.checkpoint.body;
    const raw = chain.chain.value(STORE.compute, auditKey(orderId, addressOf('bob')));
    expect(raw && AuditRecord.decodeCanonical(raw)).toMatchObject({
      verdict: AUDIT_VERDICT.fraud,
      provider: addressOf('pat'),
      modelRoot: MODEL,
      runningHash: report.receipt.checkpoint.body.runningHash,
      ownHash: report.ownHash,
      height: chain.chain.height(),
      deposit: RULES.reportDeposit,
    });
    // nobody is slashed for an auditor's word
    expect(chain.provider('pat')?.stake).toBe(RULES.minStake);
    expect(await send(report)).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    const back = { ...report, verdict: AUDIT_VERDICT.withdrawn };
    expect(await send(back)).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    await chain.skipTo(chain.chain.height() + RULES.unlockBlocks);
    expect(await send(back, 'carol')).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    expect(await send(back)).toMatchObject({ code: 0 });
    expect(chain.pool).toBe(before);
    expect(chain.chain.value(STORE.compute, auditKey(orderId, addressOf('bob')))).toBeUndefined();
  });

  it('reports what a key signed whose registration has ended since', async () => {
    expect(await chain.register('quinn', 'signer 5')).toMatchObject({ code: 0 });
    const report = await reportOf(7, {}, 'signer 5', 'quinn');
    const retired = await chain.send('quinn', [{ computeRetire: { signers: [keyOf('signer 5')], amount: RULES.minStake } }]);
    expect(retired).toMatchObject({ code: 0 });
    expect(chain.registered(keyOf('signer 5'))).toBeUndefined();
    expect(await send(report)).toMatchObject({ code: 0, log: '', events: [{ type: AUDIT_EVENT }] });
  });

  it('reports an agreement without opening anything', async () => {
    const { receipt } = await reportOf(2);
    const { runningHash } = receipt.checkpoint.body;
    expect(await send({ receipt, verdict: AUDIT_VERDICT.agreement, ownHash: runningHash })).toMatchObject({ code: 0, log: '' });
  });

  it('reports the right answer with a false count, with what opens it', async () => {
    const report = withOwnHash(await reportOf(4, { verdict: AUDIT_VERDICT.overcount }), true);
    expect(await send(report)).toMatchObject({ code: 0, log: '' });
  });

  describe('names a blob', () => {
    /** @returns id of a blob that the chain has recorded */
    const laidOut = async (name: string, change: Partial<CertificateTerms> = {}): Promise<Uint8Array> => {
      const blobId = blobIdOf(bytesOf(name));
      const terms = { blobId, namespace: AUDIT_NAMESPACE, expiryHeight: chain.chain.height() + 50, ...change };
      const certificate = await certificateOf(chain.chain.genesis, terms);
      expect(await chain.send('alice', [{ certify: { certificate } }])).toMatchObject({ code: 0, log: '' });
      return blobId;
    };
    const withoutOpening = async (nonce: number, blobId: Uint8Array) =>
      reportOf(nonce, { request: undefined, answer: undefined, blobId });

    it('in place of what opens the receipt, and beside it', async () => {
      const blobId = await laidOut('a receipt');
      const report = await withoutOpening(20, blobId);
      expect(await send(report)).toMatchObject({ code: 0, log: '' });
      const raw = chain.chain.value(STORE.compute, auditKey(report.receipt.checkpoint.body.orderId, addressOf('bob')));
      expect(raw && AuditRecord.decodeCanonical(raw)).toMatchObject({ verdict: AUDIT_VERDICT.fraud, blobId });
      expect(await send(await reportOf(21, { blobId }))).toMatchObject({ code: 0, log: '' });
    });

    const bad: readonly [what: string, number, () => Promise<Uint8Array>][] = [
      ['that nobody recorded', RECEIPT_RESULT.content, async () => blobIdOf(bytesOf('nobody'))],
      ['of another version', RECEIPT_RESULT.form, async () => blobIdOf(bytesOf('a receipt')).fill(1, 0, 1)],
      ['of another namespace', RECEIPT_RESULT.content, () => laidOut('elsewhere', { namespace: utf8('default') })],
      [
        'that is longer than a receipt',
        RECEIPT_RESULT.content,
        () => laidOut('long', { length: MAX_RECEIPT_BYTES + 1, ...blobGeometry(MAX_RECEIPT_BYTES + 1, 4) }),
      ],
      [
        'that has expired',
        RECEIPT_RESULT.content,
        async () => {
          const expiryHeight = chain.chain.height() + 2;
          const blobId = await laidOut('expired', { expiryHeight });
          await chain.skipTo(expiryHeight + 1);
          return blobId;
        },
      ],
    ];
    for (const [what, code, blobOf] of bad) {
      it(`${what}, and is refused`, async () => {
        const report = await withoutOpening(22, await blobOf());
        const before = chain.pool;
        expect(await send(report)).toMatchObject({ code });
        expect(chain.pool).toBe(before);
      });
    }

    it('and brings the wrong bytes beside it, and is refused', async () => {
      const report = await reportOf(22, { blobId: await laidOut('beside'), answer: { chunks: [utf8('!')] } });
      expect(await send(report)).toMatchObject({ code: RECEIPT_RESULT.content });
    });
  });

  it('counts its reports for the key, by verdict and account, until the report is taken back', async () => {
    expect(await chain.register('quinn', 'signer 6')).toMatchObject({ code: 0 });
    const signer = keyOf('signer 6');
    const sums = () => {
      const raw = chain.chain.value(STORE.compute, reportSumsKey(signer));
      return raw && ReportSums.decodeCanonical(raw);
    };
    const places = () =>
      [0, 1, 2, 3].map((place) => {
        const raw = chain.chain.value(STORE.compute, reportPlaceKey(signer, place));
        return raw && ReportPlace.decodeCanonical(raw);
      });
    const of = (nonce: number, change?: Partial<ComputeReport>) => reportOf(nonce, change, 'signer 6', 'quinn');
    const none = { reports: 0, accounts: 0 };
    expect(sums()).toBeUndefined();
    const frauds = [await of(30), await of(31)] as const;
    const overcount = withOwnHash(await of(32, { verdict: AUDIT_VERDICT.overcount }), true);
    const agreement = withOwnHash(await of(33, { verdict: AUDIT_VERDICT.agreement }), true);
    for (const report of [...frauds, overcount, agreement]) expect(await send(report)).toMatchObject({ code: 0, log: '' });
    expect(await send(frauds[0], 'carol')).toMatchObject({ code: 0, log: '' });
    expect(sums()).toEqual({
      agreement: { reports: 1, accounts: 1 },
      fraud: { reports: 3, accounts: 2 },
      overcount: { reports: 1, accounts: 1 },
    });
    const said = (report: ComputeReport, auditor: string) => ({
      orderId: report.receipt.checkpoint.body.orderId,
      auditor: addressOf(auditor),
    });
    expect(places()).toEqual([said(frauds[0], 'bob'), said(frauds[1], 'bob'), said(overcount, 'bob'), said(frauds[0], 'carol')]);
    await chain.skipTo(chain.chain.height() + RULES.unlockBlocks);
    const takeBack = async (report: ComputeReport, from = 'bob') =>
      expect(await send({ ...report, verdict: AUDIT_VERDICT.withdrawn }, from)).toMatchObject({ code: 0, log: '' });
    await takeBack(frauds[0]); // the last of the list takes its place
    expect(sums()?.fraud).toEqual({ reports: 2, accounts: 2 });
    expect(places()).toEqual([said(frauds[0], 'carol'), said(frauds[1], 'bob'), said(overcount, 'bob'), undefined]);
    await takeBack(frauds[0], 'carol');
    expect(sums()).toMatchObject({ fraud: { reports: 1, accounts: 1 }, overcount: { reports: 1, accounts: 1 } });
    expect(places()).toEqual([said(overcount, 'bob'), said(frauds[1], 'bob'), undefined, undefined]);
    await takeBack(agreement);
    await takeBack(frauds[1]);
    expect(sums()).toEqual({ agreement: none, fraud: none, overcount: { reports: 1, accounts: 1 } });
    await takeBack(overcount);
    expect(sums()).toBeUndefined();
    expect(places()).toEqual([undefined, undefined, undefined, undefined]);
    expect(chain.chain.value(STORE.compute, auditorSumsKey(signer, addressOf('bob')))).toBeUndefined();
  });

  it('reports an answer for which nobody paid, of this chain alone', async () => {
    const of = (genesisHash: Uint8Array, nonce: number) => {
      const named = { provider: addressOf('pat'), modelRoot: MODEL, requestHash: requestHashOf(request) };
      return reportOn(unpaidOrder({ ...named, nonce: bytesOf(`free ${nonce}`, 16) }, genesisHash), nonce);
    };
    expect(await send(await of(chain.chain.genesis.genesisHash, 1))).toMatchObject({ code: 0, log: '' });
    expect(await send(await of(bytesOf('other chain'), 2))).toMatchObject({ code: RECEIPT_RESULT.chain });
  });

  const refusals: readonly [what: string, number, () => Promise<ComputeReport>][] = [
    ['a fraud that opens nothing', RECEIPT_RESULT.content, async () => ({ ...(await reportOf(3)), answer: undefined })],
    ['another answer', RECEIPT_RESULT.content, () => reportOf(3, { answer: { chunks: [...chunks, utf8('!')] } })],
    [
      'the same answer in other pieces',
      RECEIPT_RESULT.content,
      () => reportOf(3, { answer: { chunks: [utf8('Mercury'), utf8('.')] } }),
    ],
    ['an empty piece', RECEIPT_RESULT.content, () => reportOf(3, { answer: { chunks: [...chunks, new Uint8Array(0)] } })],
    ['another request', RECEIPT_RESULT.content, () => reportOf(3, { request: { ...request, salt: bytesOf('other') } })],
    ['a fraud with the same hash', RECEIPT_RESULT.content, async () => withOwnHash(await reportOf(3), true)],
    ['an overcount with another hash', RECEIPT_RESULT.content, () => reportOf(3, { verdict: AUDIT_VERDICT.overcount })],
    [
      'an overcount that opens nothing',
      RECEIPT_RESULT.content,
      async () => withOwnHash(await reportOf(3, { verdict: AUDIT_VERDICT.overcount, request: undefined }), true),
    ],
    ['an agreement with another hash', RECEIPT_RESULT.content, () => reportOf(3, { verdict: AUDIT_VERDICT.agreement })],
    ['a verdict that there is not', RECEIPT_RESULT.form, () => reportOf(3, { verdict: 9 })],
    ['a receipt of a key that is not registered', RECEIPT_RESULT.provider, () => reportOf(3, {}, 'signer 9')],
    ['a receipt that the key did not sign', RECEIPT_RESULT.signature, async () => withSigner(await reportOf(3), 'signer 9')],
    ['a receipt of a version that is not known', RECEIPT_RESULT.form, async () => withVersion(await reportOf(3), 2)],
    ['an execution that the receipt has no hash of', RECEIPT_RESULT.form, async () => withEngine(await reportOf(3), 'other/1')],
  ];
  for (const [what, code, make] of refusals) {
    it(`is refused with ${what}`, async () => {
      const before = chain.pool;
      const result = await send(await make());
      expect(result.code, result.log).toBe(code);
      expect(chain.pool).toBe(before);
    });
  }
});

function withOwnHash(report: ComputeReport, same: boolean): ComputeReport {
  return same ? { ...report, ownHash: report.receipt.checkpoint.body.runningHash } : report;
}

function withSigner(report: ComputeReport, name: string): ComputeReport {
  return { ...report, receipt: { ...report.receipt, signer: keyOf(name) } };
}

function withVersion(report: ComputeReport, version: number): ComputeReport {
  return { ...report, receipt: { ...report.receipt, version } };
}

function withEngine(report: ComputeReport, engine: string): ComputeReport {
  const { execution } = report.receipt;
  return { ...report, receipt: { ...report.receipt, execution: { ...execution, engine } } };
}
