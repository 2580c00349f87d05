/** Evidence that goes with a receipt, for whoever checks it when the chain has another by then. */
import {
  equal,
  type InferenceReceipt,
  PerigeeError,
  type ProviderRegistration,
  RECEIPT_GROUNDS_VERSION,
  ReceiptGrounds,
  toHex,
} from '@perigee/wire';
import type { BoundEvidence } from '../attest/bundle/index.ts';
import { evidenceIdOf } from './evidence-id.ts';
import { reportDataOf } from './report-data.ts';

/**
 * What must be verified of evidence so that it bears out a receipt: `reportData` has exactly the account, key and model of that; `timeMs` is now, or where its
 * collateral has ended since the last second for which that was good.
 */
export interface GroundsToVerify extends BoundEvidence {
  readonly simulated: boolean;
}

/** @returns canonical ReceiptGrounds */
export function encodeGrounds(
  { encryptionKey, boundHeight, boundHash, subject, simulated, expiryTime }: ProviderRegistration,
  { evidence, collateral }: { readonly evidence: Uint8Array; readonly collateral: Uint8Array },
): Uint8Array {
  const bound = { encryptionKey, boundHeight, boundHash, subject, simulated, expiryTime };
  return ReceiptGrounds.encode({ version: RECEIPT_GROUNDS_VERSION, ...bound, evidence, collateral });
}

/**
 * Reads what came with a receipt. Nothing of it was verified, but that it is the evidence that the receipt names.
 *
 * @param timeMs now
 * @throws RECEIPT (`evidence`) when it is other evidence than the receipt's; UNKNOWN_VERSION, PARSE, NOT_CANONICAL; INVALID_ARGUMENT
 */
export function readGrounds(
  bytes: Uint8Array,
  { order, execution, signer }: InferenceReceipt,
  { genesisHash, timeMs }: { readonly genesisHash: Uint8Array; readonly timeMs: number },
): GroundsToVerify {
  const { version, evidence, collateral, subject, simulated, expiryTime, ...bound } = ReceiptGrounds.decodeCanonical(bytes);
  if (version !== RECEIPT_GROUNDS_VERSION) {
    throw new PerigeeError(
      'UNKNOWN_VERSION',
      `evidence beside a receipt has version ${version}; only ${RECEIPT_GROUNDS_VERSION} is known`,
    );
  }
  if (execution.evidenceId === undefined || !equal(evidenceIdOf(evidence), execution.evidenceId)) {
    throw new PerigeeError('RECEIPT', 'the evidence in the file is not the one that the provider signed for', {
      data: { check: 'evidence' },
    });
  }
  const { modelRoot } = execution;
  const reportData = toHex(reportDataOf({ ...bound, genesisHash, provider: order.body.provider, signer, modelRoot }));
  return { evidence, collateral, subject, simulated, reportData, timeMs: Math.min(timeMs, 1_000 * expiryTime) };
}
