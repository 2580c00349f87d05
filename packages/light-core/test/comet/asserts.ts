import { type ErrorCode, type HeaderAnswer, PerigeeError } from '@perigee/wire';
import {
  anchor,
  headerHash,
  type TrustRoot,
  timestampOfMs,
  unixMs,
  unverified,
  type VerifiedLightBlock,
  type VerifyOptions,
  verify,
} from '../../src/comet/index.ts';
import { nobleEd25519 } from '../../src/signature/index.ts';
import { BLOCK_SECONDS, CHAIN_ID, START } from './chain.ts';

/** Code of what `run` throws; `'none'` when it does not. */
export async function codeOf(run: () => unknown): Promise<ErrorCode | 'none'> {
  try {
    await run();
    return 'none';
  } catch (error) {
    if (error instanceof PerigeeError) return error.code;
    throw error;
  }
}

/** Local clock a moment after block `height`, milliseconds. */
export function after(height: number): number {
  return unixMs(START) + BLOCK_SECONDS * 1000 * (height - 1) + 500;
}

export function at(height: number, options: Partial<VerifyOptions> = {}): VerifyOptions {
  return { now: after(height), verifyEd25519: nobleEd25519, ...options };
}

export function headerOf(answer: HeaderAnswer) {
  const header = answer.block.signedHeader?.header;
  if (header === undefined) throw new Error('the test made a block without a header');
  return header;
}

export function commitOf(answer: HeaderAnswer) {
  const commit = answer.block.signedHeader?.commit;
  if (commit === undefined) throw new Error('the test made a block without a commit');
  return commit;
}

export function rootOf(answer: HeaderAnswer): TrustRoot {
  const header = headerOf(answer);
  const genesisHash = new Uint8Array(32).fill(0x5e).map((byte, i) => (i % 2 === 0 ? byte : 0xed));
  return { chainId: CHAIN_ID, genesisHash, height: header.height, headerHash: headerHash(header), time: header.time, peers: [] };
}

/** Trusts a block by naming it as the root. */
export function trust(answer: HeaderAnswer, options: VerifyOptions = at(headerOf(answer).height)): Promise<VerifiedLightBlock> {
  return anchor(rootOf(answer), unverified(answer), options);
}

/** Verifies `answer` by `trusted` with a clock right after it. */
export function verifyNext(trusted: VerifiedLightBlock, answer: HeaderAnswer, options: Partial<VerifyOptions> = {}) {
  const { seconds } = answer.block.signedHeader?.header?.time ?? timestampOfMs(after(trusted.header.height));
  return verify(trusted, unverified(answer), at(1, { now: seconds * 1000 + 1500, ...options }));
}
