import { limitedSignal } from '@perigee/net/abort';
import type { LightNode } from '@perigee/sampler';
import { BLOB_VERSION, fromHex, PerigeeError, SITE_WORK_MS, toHex, u8 } from '@perigee/wire';
import { sampleBlob } from './provider/index.ts';

const HASH_DIGITS = 64;
const MAX_CHARACTERS = 200;

/** What a text that a person pasted was found to name. */
export type Checked =
  | {
      readonly kind: 'blob';
      readonly blobId: string;
      readonly state: string;
      readonly drawn: number;
      readonly verified: number;
      readonly bits: number;
    }
  | { readonly kind: 'tx'; readonly txId: string; readonly height: number; readonly succeeded: boolean }
  /** Neither a blob, which was proved, nor a transaction that a peer knows. */
  | { readonly kind: 'nothing'; readonly height: number };

/**
 * Checks a commitment, a blob id or a transaction id. A commitment and a transaction id look alike, so what is no blob is looked for among the
 * transactions.
 *
 * @throws INVALID_ARGUMENT and what the light node throws
 */
export async function checkText(node: LightNode, text: string, signal: AbortSignal): Promise<Checked> {
  const digits = text.slice(0, MAX_CHARACTERS).trim().replace(/^0x/i, '').toLowerCase();
  const isHash = digits.length === HASH_DIGITS;
  if (!/^[0-9a-f]*$/.test(digits) || (!isHash && digits.length !== HASH_DIGITS + 2)) {
    throw new PerigeeError('INVALID_ARGUMENT', 'a commitment or transaction id has 64 hexadecimal digits, a blob id 66');
  }
  const until = limitedSignal(signal, SITE_WORK_MS);
  const blobId = isHash ? toHex(u8(BLOB_VERSION)) + digits : digits;
  const { state, drawn, verified, availabilityBits: bits } = await sampleBlob(node, blobId, 'full', until);
  if (state !== 'absent') return { kind: 'blob', blobId, state, drawn, verified, bits };
  if (isHash) {
    try {
      const { height, result } = await node.proveTx(fromHex(digits), { signal: until });
      return { kind: 'tx', txId: digits, height, succeeded: result.code === 0 };
    } catch (thrown) {
      if (PerigeeError.from(thrown).code !== 'NOT_FOUND') throw thrown;
    }
  }
  return { kind: 'nothing', height: node.state.head?.height ?? 0 };
}
