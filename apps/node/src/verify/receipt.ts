import { parseTrustRoot } from '@perigee/light-core/comet';
import { decodeReceiptFile, type ReceiptReport, verifyReceipt } from '@perigee/light-core/receipt';
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
import { receiptLines } from '../compute/words.ts';
import { readTrustRootFile } from '../trust.ts';

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
  { chain }: { readonly chain: string | undefined },
  output: Output,
): Promise<void> {
  const opened = decodeReceiptFile(file);
  const { chainId, genesisHash } = parseTrustRoot(await readTrustRootFile(chain));
  const report = await verifyReceipt(opened, { chainId, genesisHash, verifyEd25519: bestEd25519(crypto.subtle) });
  judgeReceipt(opened, report, output);
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
