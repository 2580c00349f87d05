import type { LightNode } from '@perigee/sampler';
import type { Attestor } from '@perigee/sampler/attest';
import { AnswerChecker, judgeReceipt } from '@perigee/sampler/compute';
import { toHex } from '@perigee/wire';

/** @returns what was found of a receipt, every check by name @throws what `judgeReceipt` throws */
export type VerifyReceipt = (file: Uint8Array, signal: AbortSignal) => Promise<object>;

/** @param current the node of the moment: a pause or another chain makes a new one */
export function createVerifyReceipt(current: () => LightNode, attestor: Pick<Attestor, 'verifyBound'>): VerifyReceipt {
  let checker: AnswerChecker | undefined;
  return async (file, signal) => {
    checker ??= new AnswerChecker();
    const { opened, report, simulated } = await judgeReceipt(file, { state: current().chain, checker, attestor, signal });
    const { order, execution, checkpoint, signer } = opened.receipt;
    const { usage, fee, finish } = checkpoint.body;
    return {
      verdict: report.verdict,
      checks: report.checks.map(({ name, verdict, reason }) => ({ name, verdict, reason })),
      provider: toHex(order.body.provider),
      signer: toHex(signer.key),
      payer: toHex(order.body.payer),
      modelRoot: toHex(execution.modelRoot),
      engine: execution.engine,
      evidenceId: execution.evidenceId === undefined ? null : toHex(execution.evidenceId),
      /** Whether the evidence is of hardware that there is not. */
      simulated,
      usage: { promptTokens: usage.promptTokens, answerTokens: usage.answerTokens },
      fee: String(fee),
      isWhole: finish !== 0,
      /** Whether the file opens the hashes of question and answer. */
      hasRequest: opened.request !== undefined,
      hasAnswer: opened.answer !== undefined,
      /** Whether it brings the evidence behind its key, for when the provider has registered with other. */
      hasEvidence: opened.grounds !== undefined,
    };
  };
}
