import { resolve } from 'node:path';
import { type AttestSubtle, webCryptoAttest } from '@perigee/light-core/attest';
import { verifyBound } from '@perigee/light-core/attest/bundle';
import { parseTrustRoot } from '@perigee/light-core/comet';
import { decodeReceiptFile, type ReceiptReport, verifyReceipt } from '@perigee/light-core/receipt';
import { readGrounds } from '@perigee/light-core/registration';
import { bestEd25519 } from '@perigee/light-core/signature';
import {
  concatAll,
  fromUtf8,
  keyText,
  MAX_RECEIPT_BYTES,
  MODEL_KIND,
  type OpenedReceipt,
  PerigeeError,
  toHex,
} from '@perigee/wire';
import type { Output } from '../cli/output.ts';
import { collateralFolder } from '../collateral.ts';
import { receiptLines } from '../compute/words.ts';
import { readTrustRootFile } from '../trust.ts';
import { developmentOf, type HardwareEvidenceOptions } from './hardware-evidence.ts';

export { isReceiptFile } from '@perigee/light-core/receipt';

/** @throws PARSE for a file that is longer than any receipt, before it is read */
export function checkReceiptSize(path: string, size: number): void {
  if (size <= MAX_RECEIPT_BYTES) return;
  throw new PerigeeError('PARSE', `${path} has ${size} bytes; a receipt has at most ${MAX_RECEIPT_BYTES}`);
}

/**
 * Verifies a receipt without a network: all but what the chain says of the provider.
 *
 * @throws RECEIPT unless every check was made and passed; PARSE, UNKNOWN_VERSION, NOT_CANONICAL; TRUST_ROOT
 */
export async function judgeReceiptFile(
  file: Uint8Array,
  options: Omit<HardwareEvidenceOptions, 'collateral'>,
  output: Output,
): Promise<void> {
  const opened = decodeReceiptFile(file);
  const { chainId, genesisHash } = parseTrustRoot(await readTrustRootFile(options.chain));
  const evidenceId = await evidenceOf(opened, genesisHash, options);
  const report = await verifyReceipt(opened, {
    chainId,
    genesisHash,
    verifyEd25519: bestEd25519(crypto.subtle),
    ...(evidenceId && { evidenceId }),
  });
  judgeReceipt(opened, report, output);
}

/**
 * The evidence that is in the file, verified: by the vendors' keys, or where a genesis is named by those of that chain.
 *
 * @returns its id; `undefined` where there is none, or where it is simulated and no genesis says that it may be
 * @throws RECEIPT (`evidence`) when it does not hold; INVALID_ARGUMENT, WRONG_CHAIN, GENESIS
 */
async function evidenceOf(
  { receipt, grounds }: OpenedReceipt,
  genesisHash: Uint8Array,
  { home, genesis, chain, timeMs }: Omit<HardwareEvidenceOptions, 'collateral'>,
): Promise<Uint8Array | undefined> {
  if (grounds === undefined) return undefined;
  const { simulated, ...bound } = readGrounds(grounds, receipt, { genesisHash, timeMs });
  if (simulated && genesis === undefined) return undefined;
  const { roots, chainFloors } =
    simulated && genesis !== undefined ? await developmentOf(genesis, chain) : { roots: 'vendor' as const, chainFloors: {} };
  const kept = collateralFolder(resolve(home), roots, async () => chainFloors, { now: () => timeMs });
  const context = {
    crypto: webCryptoAttest(crypto.subtle as unknown as AttestSubtle),
    roots,
    floors: await kept.floors(),
  };
  const refuse = (why: string, cause?: unknown): PerigeeError =>
    new PerigeeError('RECEIPT', `the evidence in the file does not bear out the receipt: ${why}`, {
      data: { check: 'evidence' },
      ...(cause === undefined ? {} : { cause }),
    });
  const { overall, checks } = await verifyBound(bound, context).catch((thrown: unknown) => {
    const error = PerigeeError.from(thrown);
    throw error.code === 'INTERNAL' ? error : refuse(error.message, error);
  });
  if (overall === 'pass') return receipt.execution.evidenceId;
  throw refuse(checks.find(({ required, verdict }) => required && verdict !== 'pass')?.reason ?? 'it does not pass');
}

/** Prints a report. @throws RECEIPT unless every check was made and passed */
export function judgeReceipt(
  { receipt, request, answer }: OpenedReceipt,
  { verdict, checks }: ReceiptReport,
  output: Output,
): void {
  const { order, execution, checkpoint, signer } = receipt;
  const { usage, fee } = checkpoint.body;
  // vectors are no text
  const isText = request?.kind === MODEL_KIND.chat;
  const text = answer === undefined || !isText ? undefined : fromUtf8(concatAll(answer.chunks));
  output.result(
    {
      verdict,
      checks,
      provider: toHex(order.body.provider),
      signer: toHex(signer.key),
      modelRoot: toHex(execution.modelRoot),
      ...(execution.evidenceId && { evidenceId: toHex(execution.evidenceId) }),
      usage,
      fee: String(fee),
      ...(text === undefined ? {} : { answer: text }),
    },
    [
      `provider ${keyText(order.body.provider)}`,
      `model    ${toHex(execution.modelRoot)}, run by ${execution.engine}`,
      ...(text === undefined ? [] : [`answer   ${text.replaceAll('\n', ' ')}`]),
      ...receiptLines(checks),
      `result   ${verdict}`,
    ],
  );
  if (verdict === 'pass') return;
  const first = checks.find((check) => check.verdict === 'fail') ?? checks.find((check) => check.verdict === 'notChecked');
  const remedy = verdict === 'partial' ? '; "perigee receipt verify FILE" asks the chain' : '';
  throw new PerigeeError('RECEIPT', `the receipt does not pass: ${first?.name}: ${first?.reason.replace(/\.$/, '')}${remedy}`, {
    data: { check: first?.name ?? null, verdict },
  });
}
