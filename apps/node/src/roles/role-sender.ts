import { ChainView } from '@perigee/light-core/da';
import { abortable } from '@perigee/net';
import { PerigeeError, Turn, type TxMessage } from '@perigee/wire';
import type { TxAccount } from '../tx/account.ts';
import { composeTx } from '../tx/compose.ts';
import { resultName } from '../tx/send.ts';
import type { ChainSource } from './chain-source.ts';

/** Blocks in which a transaction of a role may be included. */
const WITHIN_BLOCKS = 100;
/** Gifts that are asked for at a time. */
const MAX_FUNDINGS = 2;

/**
 * Sends messages of a role's account, one after another, each when the state shows what became of the one before. On a development chain an account that
 * has too little is given some.
 *
 * @returns what sends one; it throws TX_FEE when the account cannot pay, REFUSED with the words of the chain, UNREACHABLE, TIMEOUT, ABORTED
 */
export function roleSender(
  chain: Pick<ChainSource, 'chainId' | 'genesisHash' | 'state' | 'transactions' | 'requestFunds'>,
  account: TxAccount,
  onFunded: () => void,
): (message: TxMessage, signal: AbortSignal) => Promise<void> {
  const { chainId, genesisHash, state, transactions } = chain;
  const view = new ChainView(state);
  const turn = new Turn();

  const compose = async (message: TxMessage, signal: AbortSignal) => {
    const { appState } = await view.facts(signal);
    for (let fundings = 0; ; fundings++) {
      const held = (await view.account(account.address, signal)) ?? { balance: 0n, nonces: [] };
      const head = { chainId, genesisHash, appState, height: view.head().height, account: held };
      try {
        const { draft } = composeTx(message, account.address, head, { lane: 0, tip: 0n, withinBlocks: WITHIN_BLOCKS });
        return await account.sign(draft, head);
      } catch (thrown) {
        const isPoor = PerigeeError.from(thrown).code === 'TX_FEE';
        if (!isPoor || !appState.development || chain.requestFunds === undefined || fundings === MAX_FUNDINGS) throw thrown;
        const given = await chain.requestFunds(account.address, signal).catch((cause: unknown) => {
          const { message: words } = PerigeeError.from(cause);
          throw new PerigeeError('TX_FEE', `${PerigeeError.from(thrown).message}. The faucet: ${words}`, { cause });
        });
        await untilPast(heightOf(given), signal);
        onFunded();
      }
    }
  };

  /** Until the state shows what a block of this height has done. */
  const untilPast = async (height: number, signal: AbortSignal): Promise<void> => {
    if ((state.head()?.height ?? 0) > height) return;
    let unsubscribe = (): void => {};
    const past = new Promise<void>((resolve) => {
      unsubscribe = state.onHead((head) => {
        if (head.height > height) resolve();
      });
    });
    await abortable(past, signal).finally(unsubscribe);
  };

  return (message, signal) =>
    turn.take(async () => {
      const { code, height, log } = await transactions.submit(await compose(message, signal), { signal });
      if (height > 0) await untilPast(height, signal);
      if (code === 0) return;
      throw new PerigeeError('REFUSED', `the chain refused it: ${log === '' ? resultName(code) : log}`, {
        data: { code, height },
      });
    });
}

/** Of what a faucet says. */
function heightOf(given: unknown): number {
  const height = (given as { readonly height?: unknown } | null)?.height;
  return typeof height === 'number' ? height : 0;
}
