import type { ChainFacts, ChainView } from '@perigee/light-core/da';
import { PerigeeError, toHex } from '@perigee/wire';

/**
 * Refuses before any work is done when an account cannot pay.
 *
 * @param fee smallest units, the most that may be charged
 * @throws TX_FEE with balance, fee and what to do
 */
export async function checkAccount(
  chain: ChainView,
  { appState }: ChainFacts,
  address: Uint8Array,
  fee: bigint,
  signal: AbortSignal | undefined,
): Promise<void> {
  const balance = (await chain.account(address, signal))?.balance ?? 0n;
  if (balance >= fee) return;
  const remedy =
    appState.development && appState.faucet !== undefined
      ? 'ask the faucet of this development chain for a gift, then publish again'
      : 'have tokens sent to it, or choose a shorter retention or a lower redundancy';
  throw new PerigeeError('TX_FEE', `account ${toHex(address)} has ${balance}, and this may cost up to ${fee}: ${remedy}`, {
    data: { balance: `${balance}`, fee: `${fee}`, address: toHex(address) },
  });
}
