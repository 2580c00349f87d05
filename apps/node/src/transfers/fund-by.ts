import { tokensInWords } from '@perigee/light-core/tx';
import type { LightNode } from '@perigee/sampler';
import type { PaymentParts } from '@perigee/sampler/files';
import type { Output } from '../cli/output.ts';

/** On a development chain the faucet gives an account what it lacks. */
export function fundBy(node: LightNode, output: Output): Pick<PaymentParts, 'fund'> {
  if (node.state.chain?.development !== true) return {};
  return {
    async fund(address, signal) {
      output.progress('the account has too little: the faucet is asked');
      const { amount } = await node.requestFunds(address, { signal });
      output.progress(`the faucet gave ${tokensInWords(amount)}`);
    },
  };
}
