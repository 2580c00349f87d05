import { STORE, sessionsKey } from '@perigee/light-core/state';
import { kindOf } from '@perigee/light-core/tx';
import {
  compare,
  equal,
  type GrantSession,
  keyText,
  MAX_SESSIONS_PER_ACCOUNT,
  MESSAGE_KIND,
  PerigeeError,
  type Session,
  Sessions,
  type TxMessage,
} from '@perigee/wire';
import type { StateReader, StateView } from '../state/index.ts';

/** What a session may be granted: all but to grant and to end sessions. */
const GRANTABLE: ReadonlySet<number> = new Set(
  Object.entries(MESSAGE_KIND).flatMap(([name, kind]) => (name === 'grantSession' || name === 'revokeSession' ? [] : [kind])),
);

/**
 * The grant by which a session key sends a transaction.
 *
 * @throws TX_SENDER when the account has not granted the key anything; TX_AUTH when the grant has expired or does not cover a message
 */
export function sessionFor(
  state: StateReader,
  account: Uint8Array,
  key: Uint8Array,
  messages: readonly TxMessage[],
  height: number,
): Session {
  const kinds = messages.map((message) => MESSAGE_KIND[kindOf(message)]);
  const session = readSessions(state, account).find((candidate) => equal(candidate.key, key));
  if (session === undefined) {
    throw new PerigeeError(
      'TX_SENDER',
      `key ${keyText(key)} is neither that of account ${keyText(account)} nor one of its sessions`,
    );
  }
  if (height > session.expiryHeight) {
    throw new PerigeeError(
      'TX_AUTH',
      `session key ${keyText(key)} could act until height ${session.expiryHeight}; grant it again`,
    );
  }
  for (const kind of kinds) {
    if (session.kinds.includes(kind)) continue;
    const name = Object.entries(MESSAGE_KIND).find(([, number]) => number === kind)?.[0];
    throw new PerigeeError('TX_AUTH', `session key ${keyText(key)} was not granted "${name}"`);
  }
  return session;
}

/**
 * Takes an amount off what a session may spend.
 *
 * @param code of the refusal: TX_AUTH while the transaction can still do nothing, TX_MESSAGE afterwards
 */
export function spendSession(
  view: StateView,
  account: Uint8Array,
  key: Uint8Array,
  amount: bigint,
  code: 'TX_AUTH' | 'TX_MESSAGE',
): void {
  if (amount === 0n) return;
  const sessions = readSessions(view, account).map((session) => {
    if (!equal(session.key, key)) return session;
    if (session.left < amount) {
      throw new PerigeeError(code, `session key ${keyText(key)} may still spend ${session.left}, less than ${amount}`);
    }
    return { ...session, left: session.left - amount };
  });
  writeSessions(view, account, sessions);
}

/** Takes what orders of a session key cost off what it may spend otherwise too, as far as it has so much left: orders have an allowance of their own. */
export function spendOrders(view: StateView, account: Uint8Array, key: Uint8Array, amount: bigint): void {
  const sessions = readSessions(view, account);
  const spends = (session: Session): boolean => equal(session.key, key) && session.left > 0n;
  if (amount === 0n || !sessions.some(spends)) return;
  const less = (left: bigint): bigint => (left > amount ? left - amount : 0n);
  writeSessions(
    view,
    account,
    sessions.map((session) => (spends(session) ? { ...session, left: less(session.left) } : session)),
  );
}

/** @throws TX_MESSAGE when kinds are not ascending or cannot be granted, the height is past, or there are too many sessions */
export function grantSession(view: StateView, account: Uint8Array, grant: GrantSession, height: number): void {
  const { key, kinds, cap: left, expiryHeight } = grant;
  const rising = kinds.every((kind, i) => i === 0 || kind > (kinds[i - 1] ?? 0));
  if (kinds.length === 0 || !rising || !kinds.every((kind) => GRANTABLE.has(kind))) {
    throw new PerigeeError('TX_MESSAGE', `a session cannot be granted kinds ${kinds.join(', ')}: name each once, ascending`);
  }
  if (expiryHeight < height) throw new PerigeeError('TX_MESSAGE', `the session would have ended at height ${expiryHeight}`);
  // those that have ended make room
  const others = readSessions(view, account).filter((other) => !equal(other.key, key) && other.expiryHeight >= height);
  if (others.length >= MAX_SESSIONS_PER_ACCOUNT) {
    throw new PerigeeError('TX_MESSAGE', `an account has at most ${MAX_SESSIONS_PER_ACCOUNT} sessions; end one of them`);
  }
  writeSessions(view, account, [...others, { key, kinds, left, expiryHeight }]);
}

/** @throws TX_MESSAGE when the key has no session */
export function revokeSession(view: StateView, account: Uint8Array, key: Uint8Array): void {
  const sessions = readSessions(view, account);
  const others = sessions.filter((session) => !equal(session.key, key));
  if (others.length === sessions.length) throw new PerigeeError('TX_MESSAGE', `key ${keyText(key)} has no session to end`);
  writeSessions(view, account, others);
}

function readSessions(state: StateReader, account: Uint8Array): Sessions['sessions'] {
  const raw = state.get(STORE.account, sessionsKey(account));
  return raw === undefined ? [] : Sessions.decode(raw).sessions;
}

/** Without a session there is no value. */
function writeSessions(view: StateView, account: Uint8Array, sessions: Sessions['sessions']): void {
  const ascending = sessions.toSorted((a, b) => compare(a.key, b.key));
  view.set(STORE.account, sessionsKey(account), Sessions.encode({ sessions: ascending }));
}
