import { blobTags } from '@perigee/light-core/storage';
import { MESSAGE_KIND, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { RESULT_CODE } from '../../../src/index.ts';
import { certificateOf } from '../../certificates.ts';
import { BALANCE, signerOf } from '../../devnet.ts';
import { fileOf, PRICE, Storing, storingGenesis, submitsOf } from './files.ts';

const genesis = storingGenesis({ gasPrice: 0n });
const VALUE = 1_000_000n;
/** Of 1,000 bytes, as the certificates of these tests. */
const FILE = fileOf(1_000);

/** A certificate of a blob that is to be kept on, and the submission that hands it over. */
async function handOver(persist = true, change: Parameters<typeof certificateOf>[1] = {}) {
  const certificate = await certificateOf(genesis, { persist, ...change });
  const submission = { ...FILE, tags: blobTags(certificate.blobId) };
  return { certificate, submission, blobId: certificate.blobId };
}

describe('a blob that is handed over', () => {
  it('is recorded and stored in one transaction, which its publisher pays once', async () => {
    const storing = await Storing.begin(genesis);
    const { certificate, submission, blobId } = await handOver();
    const both = [{ certify: { certificate } }, { storageSubmit: { ...submission, value: VALUE } }];
    const result = await storing.send('alice', both);
    expect(result).toMatchObject({ code: 0, log: '' });
    expect(submitsOf(result)).toMatchObject([{ message: 1, txSeq: 0, existing: false }]);
    expect(storing.chain.blob(blobId)).toMatchObject({ storedAs: 0, height: 1 });
    expect(storing.file(0)).toMatchObject({ tags: submission.tags, length: 1_000 });
    const paid = 4n * PRICE;
    expect([storing.pool, storing.chain.account('alice').balance]).toEqual([paid, BALANCE - paid]);
    // a retry finds it there
    const again = await storing.submit(submission, VALUE);
    expect(submitsOf(again)).toMatchObject([{ txSeq: 0, existing: true }]);
    expect([storing.pool, storing.flow.submissions]).toEqual([paid, 1]);
    await storing.chain.machine.close();
  });

  it('stays handed over when its rows are kept longer', async () => {
    const storing = await Storing.begin(genesis);
    const { certificate, submission, blobId } = await handOver();
    await storing.send('alice', [{ certify: { certificate } }, { storageSubmit: { ...submission, value: VALUE } }]);
    const longer = await certificateOf(genesis, { persist: true, expiryHeight: 150 });
    expect(await storing.send('alice', [{ certify: { certificate: longer } }])).toMatchObject({ code: 0 });
    expect(storing.chain.blob(blobId)).toMatchObject({ storedAs: 0, expiryHeight: 150 });
    await storing.chain.machine.close();
  });

  it('may be mended by its publisher, who pays for that, and by nobody else', async () => {
    const storing = await Storing.begin(genesis);
    const { certificate, submission, blobId } = await handOver();
    await storing.send('alice', [{ certify: { certificate } }, { storageSubmit: { ...submission, value: VALUE } }]);
    const other = { ...fileOf(1_000, 9), tags: submission.tags };
    expect(await storing.submit(other, VALUE, 'bob')).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    expect(storing.chain.blob(blobId)).toMatchObject({ storedAs: 0 });
    expect(await storing.submit(other, VALUE)).toMatchObject({ code: 0 });
    expect(storing.chain.blob(blobId)).toMatchObject({ storedAs: 1 });
    expect(storing.pool).toBe(8n * PRICE);
    await storing.chain.machine.close();
  });

  it('is refused with its certificate when it cannot be paid, and of both nothing is left', async () => {
    const storing = await Storing.begin(genesis);
    const { certificate, submission, blobId } = await handOver();
    const both = [{ certify: { certificate } }, { storageSubmit: { ...submission, value: 4n * PRICE - 1n } }];
    expect(await storing.send('alice', both)).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    expect([storing.chain.blob(blobId), storing.pool]).toEqual([undefined, 0n]);
    await storing.chain.machine.close();
  });

  it('is refused when it is not recorded, not to be kept on, of another length, or over', async () => {
    const storing = await Storing.begin(genesis);
    const { certificate, submission, blobId } = await handOver(false);
    expect(await storing.submit(submission, VALUE)).toMatchObject({
      code: RESULT_CODE.TX_MESSAGE,
      log: expect.stringContaining('no such blob is recorded'),
    });
    await storing.send('alice', [{ certify: { certificate } }]);
    const refused = async (log: string, file = submission): Promise<void> =>
      expect(await storing.submit(file, VALUE)).toMatchObject({
        code: RESULT_CODE.TX_MESSAGE,
        log: expect.stringContaining(log),
      });
    await refused('did not ask for it');
    const persisting = await certificateOf(genesis, { persist: true, expiryHeight: 110 });
    expect(await storing.send('alice', [{ certify: { certificate: persisting } }])).toMatchObject({ code: 0 });
    await refused('it has 1000 bytes', { ...fileOf(1_024), tags: submission.tags });
    await storing.chain.skipTo(110);
    await refused('nobody owes its rows any more');
    expect(storing.chain.blob(blobId)).not.toHaveProperty('storedAs');
    expect(storing.flow.submissions).toBe(0);
    await storing.chain.machine.close();
  });

  it('is what tags say in full: others are tags like any', async () => {
    const storing = await Storing.begin(genesis);
    const { submission } = await handOver();
    for (const tags of [submission.tags.subarray(1), submission.tags.subarray(0, -1), utf8('perigee/blob/v0')]) {
      expect(await storing.submit({ ...submission, tags }, VALUE)).toMatchObject({ code: 0 });
    }
    expect(storing.flow.submissions).toBe(3);
    await storing.chain.machine.close();
  });

  it('may be handed over by a session key that may store files, and by no other', async () => {
    const storing = await Storing.begin(genesis);
    const { certificate, submission } = await handOver();
    const { publicKey } = signerOf('bob');
    const grant = (kinds: number[]) => ({ grantSession: { key: publicKey, kinds, cap: VALUE, expiryHeight: 50 } });
    const both = [{ certify: { certificate } }, { storageSubmit: { ...submission, value: VALUE } }];
    expect(await storing.send('alice', [grant([MESSAGE_KIND.certify])])).toMatchObject({ code: 0 });
    expect((await storing.sendAs('bob', 'alice', both)).code).not.toBe(0);
    expect(await storing.send('alice', [grant([MESSAGE_KIND.certify, MESSAGE_KIND.storageSubmit])])).toMatchObject({ code: 0 });
    expect(await storing.sendAs('bob', 'alice', both)).toMatchObject({ code: 0 });
    await storing.chain.machine.close();
  });
});
