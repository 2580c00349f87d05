import type { CheckedEvidence } from '@perigee/light-core/registration';
import { type ComputeParams, PerigeeError, type SettleOutcome, type TxMessage } from '@perigee/wire';
import type { Event } from '../../application/index.ts';
import type { StateView } from '../../state/index.ts';
import { deposit, withdraw } from './balances.ts';
import type { Judged } from './judge.ts';
import { register, retire } from './providers.ts';
import { report } from './reports.ts';
import type { SettleContext } from './settle.ts';
import { settle } from './settle.ts';

/** What was found ahead of execution. */
export interface ComputeFindings {
  readonly evidence: CheckedEvidence | undefined;
  readonly judged: Judged;
}

export interface ComputeDone {
  readonly settled?: Omit<SettleOutcome, 'message'>;
  readonly event?: Event | undefined;
}

/**
 * Run a message of the compute layer.
 *
 * @returns `undefined` for a message of another one
 * @throws TX_MESSAGE, ATTESTATION, ORDER, RECEIPT
 */
export function runCompute(
  view: StateView,
  sender: Uint8Array,
  message: TxMessage,
  { evidence, judged }: ComputeFindings,
  context: SettleContext,
): ComputeDone | undefined {
  const { computeRegister, computeRetire, computeDeposit, computeWithdraw, computeSettle, computeReport } = message;
  if (computeRegister !== undefined) {
    if (evidence === undefined) throw new PerigeeError('INTERNAL', 'a registration runs whose evidence nobody has looked at');
    register(view, sender, computeRegister, evidence, context);
  } else if (computeRetire !== undefined) retire(view, sender, computeRetire, context);
  else if (computeDeposit !== undefined) deposit(view, sender, computeDeposit, context);
  else if (computeWithdraw !== undefined) withdraw(view, sender, computeWithdraw, context);
  else if (computeSettle !== undefined) {
    if (!Array.isArray(judged)) throw new PerigeeError('INTERNAL', 'a settlement runs whose claims nobody has looked at');
    return { settled: settle(view, sender, computeSettle, judged, context) };
  } else if (computeReport !== undefined) {
    if (judged instanceof PerigeeError) throw judged;
    return { event: report(view, sender, computeReport, context) };
  } else return undefined;
  return {};
}

/** What a message takes out of its sender's balance besides fees. */
export function computeCost(message: TxMessage, compute: ComputeParams | undefined): bigint {
  const { computeRegister, computeDeposit, computeReport } = message;
  if (computeReport !== undefined) return computeReport.verdict === 0 ? 0n : (compute?.reportDeposit ?? 0n);
  return computeRegister?.stake ?? computeDeposit?.amount ?? 0n;
}
