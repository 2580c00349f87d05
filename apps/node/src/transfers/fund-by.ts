import type { LightNode } from '@perigee/sampler';
import type { PaymentParts } from '@perigee/sampler/files';
import type { Output } from '../cli/output.ts';
import { askFaucet } from '../tx/funded.ts';

/** On a development chain the faucet gives an account what it lacks. */
export function fundBy(node: LightNode, output: Output): Pick<PaymentParts, 'fund'> {
  if (node.state.chain?.development !== true) return {};
  return {
    fund: (address, signal) => askFaucet(node, address, output, signal),
  };
}
