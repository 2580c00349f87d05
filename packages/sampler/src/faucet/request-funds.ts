import type { ChainView } from '@perigee/light-core/da';
import type { Clock, VerifiedState } from '@perigee/light-core/roles';
import { eitherSignal } from '@perigee/net';
import { FAUCET_TIMEOUT_MS, type FaucetAnswer, keyText, PerigeeError } from '@perigee/wire';
import { judge, type OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';

/** How often it is looked whether a faucet has connected, milliseconds. */
const LOOK_AGAIN_MS = 50;
/** How long one that still connects is waited for, milliseconds. */
const PATIENCE_MS = 5_000;

export interface FundsOptions {
  readonly chain: ChainView;
  readonly state: Pick<VerifiedState, 'onHead'>;
  readonly peers: () => readonly Peer[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
}

export interface Funds {
  /** By which the proved balance has grown. */
  readonly amount: bigint;
  /** Head under which that was proved. */
  readonly height: number;
}

/**
 * Asks the faucets that are connected, one after another, and believes none of them: what counts is the balance in proved state.
 *
 * @param address 20 bytes
 * @throws UNSUPPORTED (the chain has no faucet), UNREACHABLE (no peer has one), what the last of them refused with, TIMEOUT; UNPROVEN, ABORTED
 */
export async function requestFunds(address: Uint8Array, options: FundsOptions): Promise<Funds> {
  const { chain, signal } = options;
  const { appState } = await chain.facts(signal);
  if (!appState.development || appState.faucet === undefined) {
    throw new PerigeeError('UNSUPPORTED', 'this chain has no faucet: only development chains do; ask someone who has tokens');
  }
  const before = (await chain.account(address, signal))?.balance ?? 0n;
  await askFaucets(address, options);
  return untilGrown(address, before, options);
}

/** One at a time, and each until it has answered: two that were asked side by side might both give. */
async function askFaucets(address: Uint8Array, { peers, clock, signal, onLie }: FundsOptions): Promise<FaucetAnswer> {
  const asked = new Set<string>();
  const patientUntil = clock.now() + PATIENCE_MS;
  let failure: PerigeeError | undefined;
  for (;;) {
    const peer = peers().find((each) => each.hasRole('faucet') && !asked.has(each.id));
    if (peer === undefined) {
      if (failure !== undefined) throw failure;
      if (clock.now() >= patientUntil) {
        throw new PerigeeError(
          'UNREACHABLE',
          'no connected peer has a faucet; connect to a node that serves one, as "npm start" does',
        );
      }
      await clock.sleep(LOOK_AGAIN_MS, signal);
      continue;
    }
    asked.add(peer.id);
    try {
      return await peer.gift(address, { signal, timeoutMs: FAUCET_TIMEOUT_MS });
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      failure = judge(peer, thrown, onLie);
    }
  }
}

/** Looks at each new head; what cannot be proved at one is proved at a later one. */
async function untilGrown(address: Uint8Array, before: bigint, options: FundsOptions): Promise<Funds> {
  const { chain, state, clock, signal: given } = options;
  const done = new AbortController();
  const signal = eitherSignal(given, done.signal);
  let wake = (): void => {};
  const unsubscribe = state.onHead(() => wake());
  const late = clock.sleep(FAUCET_TIMEOUT_MS, signal).then(() => true as const);
  late.catch(() => {});
  try {
    for (;;) {
      const news = new Promise<false>((resolve) => {
        wake = () => resolve(false);
      });
      const { height } = chain.head();
      const account = await chain.account(address, signal).catch((error: unknown) => {
        if (given.aborted) throw error;
        return undefined;
      });
      const amount = (account?.balance ?? 0n) - before;
      if (amount > 0n) return { amount, height };
      if (await Promise.race([late, news])) {
        const words = `a faucet said that it gave to ${keyText(address)}, and the balance has not grown in ${FAUCET_TIMEOUT_MS / 1_000} s`;
        throw new PerigeeError('TIMEOUT', words);
      }
    }
  } finally {
    unsubscribe();
    done.abort();
  }
}
