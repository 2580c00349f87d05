import type { ChainView } from '@perigee/light-core/da';
import { ed25519Address, fromHex, MESSAGE_KIND, toHex } from '@perigee/wire';
import type { AccountView } from '../model/index.ts';
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
  /** The same for writes to streams, which need not wait for what is published. */
  readonly kvLane: number;
  /** The same for what is prepaid for answers of models. */
  readonly computeLane: number;
  readonly balance: bigint;
  readonly session: AccountView['session'];
}

/** Lane of the browser's own account in which it writes to streams: files have the one before. */
const KV_LANE = 2;
/** The one after that is for answers of models. */
const COMPUTE_LANE = 3;

/** What a session must allow: a blob with policy `persist` pays for its storage in the transaction that certifies it. */
const NEEDED = [MESSAGE_KIND.certify, MESSAGE_KIND.storageSubmit];

/** The wallet that has granted this browser's key a session that is good for the next block, else the key's own account. */
export async function publishingAccount(
  chain: ChainView,
  { signer }: AccountKey,
  sessions: KeptSessions,
  signal: AbortSignal,
  needed: readonly number[] = NEEDED,
): Promise<PublishingAccount> {
  const { publicKey } = signer;
  const genesisHash = toHex((await chain.facts(signal)).genesisHash);
  const granter = sessions.account(genesisHash);
  if (granter !== undefined) {
    const address = fromHex(granter, 20);
    const session = await chain.session(address, publicKey, signal);
    const { height } = chain.head();
    const may = (kinds: readonly number[]): boolean => kinds.every((kind) => session?.kinds.includes(kind));
    if (session !== undefined && may(needed) && session.expiryHeight > height) {
      const { left, expiryHeight } = session;
      const laneOf = (i: number): number => 1 + (((publicKey[0] ?? 0) + i) % SESSION_LANES);
      const [lane, kvLane, computeLane] = [laneOf(0), laneOf(1), laneOf(2)];
      return {
        address,
        lane,
        kvLane,
        computeLane,
        balance: await balanceOf(chain, address, signal),
        session: { left, expiryHeight },
      };
    }
    // its time is over, or the wallet has ended it from elsewhere; one of an earlier time may do all but this
    if (session === undefined || session.expiryHeight <= height || !may(NEEDED)) sessions.forget(genesisHash);
  }
  const address = ed25519Address(publicKey);
  return {
    address,
    lane: 0,
    kvLane: KV_LANE,
    computeLane: COMPUTE_LANE,
    balance: await balanceOf(chain, address, signal),
    session: undefined,
  };
}

async function balanceOf(chain: ChainView, address: Uint8Array, signal: AbortSignal): Promise<bigint> {
  return (await chain.account(address, signal))?.balance ?? 0n;
}
