import { tokensInWords } from '@perigee/light-core/tx';
import type { LightNode } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import type { Output } from '../cli/output.ts';

export interface FundedOptions {
  readonly node: LightNode;
  /** Account that pays. */
  readonly address: Uint8Array;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/**
 * Does what an account pays for; on a development chain the faucet is asked where it has too little, and it is done once more.
 *
 * @throws what `work` throws; TX_FEE with what the faucet said
 */
export async function funded<T>(work: () => Promise<T>, { node, address, output, signal }: FundedOptions): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = PerigeeError.from(thrown);
    if (error.code !== 'TX_FEE' || node.state.chain?.development !== true) throw error;
    await askFaucet(node, address, output, signal).catch((cause: unknown) => {
      const { code, message } = PerigeeError.from(cause);
      if (code === 'ABORTED') throw cause;
      throw new PerigeeError('TX_FEE', `${error.message}. The faucet: ${message}`, {
        cause,
        ...(error.data && { data: error.data }),
      });
    });
    return work();
  }
}

/** Has the faucet of a development chain give an account what it gives, and says so. @throws what `LightNode.requestFunds` throws */
export async function askFaucet(node: LightNode, address: Uint8Array, output: Output, signal: AbortSignal): Promise<void> {
  output.progress('the account has too little: the faucet is asked');
  const { amount } = await node.requestFunds(address, { signal });
  output.progress(`the faucet gave ${tokensInWords(amount)}`);
}
