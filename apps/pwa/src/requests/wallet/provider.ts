import type { Eip1193Provider } from '@perigee/light-core/tx';
import { PerigeeError } from '@perigee/wire';
import { shownText } from '../../files/names.ts';
import type { WalletObstacle } from '../../model/index.ts';

/** A wallet as it announces itself (EIP-1193). Not all of them tell of changes. */
export interface Provider extends Eip1193Provider {
  on?(event: string, listener: (value: unknown) => void): unknown;
  removeListener?(event: string, listener: (value: unknown) => void): unknown;
}

const MAX_MESSAGE_CHARACTERS = 200;

/** Codes of EIP-1193, and of EIP-1474 for a request that waits for its user already. */
const OBSTACLES: Readonly<Record<number, WalletObstacle>> = {
  4001: 'refused',
  4100: 'locked',
  4200: 'unsupported',
  4900: 'gone',
  4901: 'gone',
  [-32_601]: 'unsupported',
  [-32_002]: 'waiting',
};

/** What stands in the way of a wallet, for `walletAdvice`. */
export function walletError(obstacle: WalletObstacle, message: string, cause?: unknown): PerigeeError {
  return new PerigeeError('REFUSED', message, { data: { wallet: obstacle }, cause });
}

/**
 * Asks a wallet, and ends when it answers or `signal` fires: a wallet whose window was closed may never answer.
 *
 * @throws REFUSED with `data.wallet`; what `signal` is aborted with
 */
function askWallet(provider: Provider, method: string, params: readonly unknown[], signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(PerigeeError.from(signal.reason));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const answer = (async () => provider.request({ method, params }))(); // one that throws at once is as good as one that rejects
    answer
      .then(resolve, (thrown: unknown) => reject(readError(thrown)))
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The provider with `askWallet` in place of its own `request`. */
export function guarded(provider: Provider, signal: AbortSignal): Eip1193Provider {
  return { request: ({ method, params }) => askWallet(provider, method, params, signal) };
}

function readError(thrown: unknown): PerigeeError {
  const { code, message } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Record<string, unknown>;
  const obstacle = (typeof code === 'number' ? OBSTACLES[code] : undefined) ?? 'other';
  const words = typeof message === 'string' && message !== '' ? shownText(message, MAX_MESSAGE_CHARACTERS) : 'it gave no reason';
  return walletError(obstacle, `the wallet says: ${words}${typeof code === 'number' ? ` (${code})` : ''}`, thrown);
}

/** @returns addresses as the wallet gave them, at least one @throws REFUSED with `data.wallet` */
export async function accountsOf(
  provider: Provider,
  method: 'eth_accounts' | 'eth_requestAccounts',
  signal: AbortSignal,
): Promise<readonly string[]> {
  const accounts = await askWallet(provider, method, [], signal);
  const addresses = Array.isArray(accounts) ? accounts.filter(isAddress) : [];
  if (addresses.length === 0) throw walletError('locked', 'the wallet shows this page no account');
  return addresses;
}

/** Told when the wallet's accounts change, or it is gone. @returns what stops listening */
export function onWalletChange(provider: Provider, listener: (accounts: readonly string[]) => void): () => void {
  const onAccounts = (accounts: unknown): void => listener(Array.isArray(accounts) ? accounts.filter(isAddress) : []);
  const onGone = (): void => listener([]);
  const listeners = [
    ['accountsChanged', onAccounts],
    ['disconnect', onGone],
  ] as const;
  const tell = (how: 'on' | 'removeListener'): void => {
    for (const [event, one] of listeners) {
      try {
        provider[how]?.(event, one);
      } catch {
        // it tells of no changes: the accounts are asked for again before it signs
      }
    }
  };
  tell('on');
  return () => tell('removeListener');
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value);
}
