import { AUDIT_VERDICT, type InferenceReceipt, MAX_REPORT_OPENING_BYTES, MODEL_KIND, utf8 } from '@perigee/wire';
import { expect, it } from 'vitest';
import { reportOf } from '../../src/audit/index.ts';

const receipt = {} as InferenceReceipt; // stays what it is
const ownHash = new Uint8Array(32).fill(1);
const usage = { promptTokens: 1, answerTokens: 1 };
const blobId = new Uint8Array(33).fill(2, 1);
const request = {
  version: 1,
  kind: MODEL_KIND.chat,
  modelRoot: ownHash,
  salt: ownHash,
  messages: [{ role: 'user', content: 'What orbits closest?' }],
  inputs: [],
  parameters: { maxTokens: 8, temperatureMillionths: 0, topPMillionths: 1_000_000, stop: [] },
};
const short = { chunks: [utf8('Mercury.')] };
const long = { chunks: Array.from({ length: 3 }, () => new Uint8Array(MAX_REPORT_OPENING_BYTES / 2)) };
const found = (difference?: 'answer' | 'usage') => ({
  reason: 'as it was found',
  ownHash,
  usage,
  ...(difference && { difference }),
});

it('carries what opens a receipt where that is short enough, and names its blob beside it', () => {
  const opened = { receipt, request, answer: short };
  expect(reportOf(opened, found('answer'))).toEqual({ ...opened, verdict: AUDIT_VERDICT.fraud, ownHash });
  expect(reportOf(opened, found('usage'), blobId)).toEqual({ ...opened, verdict: AUDIT_VERDICT.overcount, ownHash, blobId });
  expect(reportOf(opened, found(), blobId)).toEqual({ receipt, verdict: AUDIT_VERDICT.agreement, ownHash, blobId });
});

it('names the blob of what is longer, and is none where no blob has it', () => {
  const opened = { receipt, request, answer: long };
  expect(reportOf(opened, found('answer'), blobId)).toEqual({ receipt, verdict: AUDIT_VERDICT.fraud, ownHash, blobId });
  expect(() => reportOf(opened, found('answer'))).toThrow(expect.objectContaining({ code: 'PARSE' }));
  expect(() => reportOf({ receipt }, found('answer'), blobId)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
