import { notAuditable } from '@perigee/light-core/audit';
import { AUDIT_NAMESPACE, encodeForAuditors } from '@perigee/light-core/receipt';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import type { Host } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import { DEFAULT_REDUNDANCY, DEFAULT_RETENTION_BLOCKS, type OpenedReceipt, PerigeeError, toHex } from '@perigee/wire';
import type { Output } from '../cli/output.ts';
import { publishOnce } from '../publishing.ts';

export interface LayOutParts {
  readonly node: LightNode;
  readonly host: Host;
  /** Pays for the blob. */
  readonly signer: Ed25519Signer;
  readonly output: Output;
  readonly signal: AbortSignal;
}

export interface LaidOut {
  /** Hexadecimal. */
  readonly blobId: string;
  /** Height until which auditors can fetch it. */
  readonly expiryHeight: number;
}

/**
 * Publishes a receipt with the request and the answer that open it, for whoever wants to execute it again: from then on everybody can read both.
 *
 * @throws UNSUPPORTED when nobody could execute it; what publishing throws
 */
export async function layOut(opened: OpenedReceipt, { output, signal, ...parts }: LayOutParts): Promise<LaidOut> {
  const why = notAuditable(opened.receipt, opened.request);
  if (why !== undefined) throw new PerigeeError('UNSUPPORTED', `the receipt is not laid out for auditors: ${why}`);
  const request = {
    data: encodeForAuditors(opened),
    namespace: AUDIT_NAMESPACE,
    redundancy: DEFAULT_REDUNDANCY,
    retentionBlocks: Math.min(DEFAULT_RETENTION_BLOCKS, parts.node.state.chain?.maxRetentionBlocks ?? DEFAULT_RETENTION_BLOCKS),
    signal,
  } as const;
  const { blobId, record } = await publishOnce(request, { ...parts, output });
  return { blobId: toHex(blobId), expiryHeight: record.expiryHeight };
}
