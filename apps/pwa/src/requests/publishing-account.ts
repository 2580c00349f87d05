import type { ChainView } from '@perigee/light-core/da';
import { ed25519Address, fromHex, MESSAGE_KIND, toHex } from '@perigee/wire';
import type { AccountView } from '../model.ts';
import type { AccountKey } from './account.ts';
import type { KeptSessions } from './wallet/kept-session.ts';

/** Lanes that session keys share: the first one is the wallet's. */
const SESSION_LANES = 63;

/** Whose transactions this browser's key makes. */
export interface PublishingAccount {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** Lane of nonces: two browsers with sessions of one wallet seldom share one. */
  readonly lane: number;
  readonly balance: bigint;
  readonly session: AccountView['session'];
}

/** The wallet that has granted this browser's key a session that is good for the next block, else the key's own account. */
export async function publishingAccount(
  chain: ChainView,
  { signer }: AccountKey,
  sessions: KeptSessions,
  signal: AbortSignal,
): Promise<PublishingAccount> {
  const { publicKey } = signer;
  const genesisHash = toHex((await chain.facts(signal)).genesisHash);
  const granter = sessions.account(genesisHash);
  if (granter !== undefined) {
    const address = fromHex(granter, 20);
    const session = await chain.session(address, publicKey, signal);
    const { height } = chain.head();
    if (session?.kinds.includes(MESSAGE_KIND.certify) && session.expiryHeight > height) {
      const { left, expiryHeight } = session;
      const lane = 1 + ((publicKey[0] ?? 0) % SESSION_LANES);
      return { address, lane, balance: await balanceOf(chain, address, signal), session: { left, expiryHeight } };
    }
    sessions.forget(genesisHash); // its time is over, or the wallet has ended it from elsewhere
  }
  const address = ed25519Address(publicKey);
  return { address, lane: 0, balance: await balanceOf(chain, address, signal), session: undefined };
}

async function balanceOf(chain: ChainView, address: Uint8Array, signal: AbortSignal): Promise<bigint> {
  return (await chain.account(address, signal))?.balance ?? 0n;
}
