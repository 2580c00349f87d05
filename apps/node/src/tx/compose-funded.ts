import type { TxMessage } from '@perigee/wire';
import type { TxAccount } from './account.ts';
import { type ChainHead, chainHeadOf } from './chain-head.ts';
import { type ComposedTx, composeTx, type TxTerms } from './compose.ts';
import { type FundedOptions, funded } from './funded.ts';

export interface ComposeFundedOptions extends Omit<FundedOptions, 'address'> {
  readonly account: TxAccount;
  readonly terms: TxTerms;
}

/**
 * Completes a message to a transaction; on a chain for development the faucet pays for who has nothing.
 *
 * @param messageAt the message, where that depends on the height of the chain
 * @throws what `chainHeadOf`, `composeTx` and `funded` throw
 */
export function composeFunded(
  messageAt: (height: number) => TxMessage,
  { account, terms, ...rest }: ComposeFundedOptions,
): Promise<{ readonly chain: ChainHead; readonly composed: ComposedTx }> {
  const { address } = account;
  const compose = async () => {
    const chain = await chainHeadOf(rest.node, address, rest.signal);
    return { chain, composed: composeTx(messageAt(chain.height), address, chain, terms) };
  };
  return funded(compose, { ...rest, address });
}
