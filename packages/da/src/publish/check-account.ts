import { type ChainFacts, type ChainView, checkPublishingSession } from '@perigee/light-core/da';
import { keyText, MESSAGE_KIND, PerigeeError, toHex } from '@perigee/wire';

export interface Payer {
  readonly address: Uint8Array;
  /** The key that publishes for it, where it is not its own. */
  readonly sessionKey: Uint8Array | undefined;
  /** Smallest units, the most that may be charged. */
  readonly fee: bigint;
  /** It is to be handed over to who stores files, too. */
  readonly stores: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Refuses before any work is done when an account cannot pay, or has not granted the key as much.
 *
 * @throws TX_FEE with balance, fee and what to do; PROMISE when the session does not allow it
 */
export async function checkAccount(
  chain: ChainView,
  { appState }: ChainFacts,
  { address, sessionKey, fee, stores, signal }: Payer,
): Promise<void> {
  if (sessionKey !== undefined) {
    const session = await chain.session(address, sessionKey, signal);
    if (session === undefined) {
      const words = `account ${keyText(address)} has granted this key no session, or ended it: grant it one`;
      throw new PerigeeError('PROMISE', words);
    }
    checkPublishingSession(session, chain.head().height, fee);
    if (stores && !session.kinds.includes(MESSAGE_KIND.storageSubmit)) {
      const words = 'the session key may not store files, which this blob asks for: grant it that, or publish without';
      throw new PerigeeError('PROMISE', words);
    }
  }
  const balance = (await chain.account(address, signal))?.balance ?? 0n;
  if (balance >= fee) return;
  const remedy =
    appState.development && appState.faucet !== undefined
      ? 'ask the faucet of this development chain for a gift, then publish again'
      : 'have tokens sent to it, or choose a shorter retention or a lower redundancy';
  throw new PerigeeError('TX_FEE', `account ${keyText(address)} has ${balance}, and this may cost up to ${fee}: ${remedy}`, {
    data: { balance: `${balance}`, fee: `${fee}`, address: toHex(address) },
  });
}
