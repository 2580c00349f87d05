import { accountKey, FEE_POOL, STORE } from '@perigee/light-core/state';
import { Account, PerigeeError, toHex } from '@perigee/wire';
import { type StateReader, StateView } from '../state/index.ts';

/** Lanes that one account can use at a time. */
const MAX_LANES = 64;

export function readAccount(state: StateReader, address: Uint8Array): Account | undefined {
  const key = accountKey(address);
  if (state instanceof StateView) return state.read(STORE.account, key, Account);
  const raw = state.get(STORE.account, key);
  return raw === undefined ? undefined : Account.decode(raw);
}

export function writeAccount(view: StateView, address: Uint8Array, account: Account): void {
  // an account that was never used nor paid is no account; its empty form would read as a deletion
  if (account.balance === 0n && account.nonces.length === 0) view.delete(STORE.account, accountKey(address));
  else view.write(STORE.account, accountKey(address), Account, account);
}

/** Next nonce of a lane. */
function nextNonce(account: Account, lane: number): number {
  return account.nonces.find((entry) => entry.lane === lane)?.next ?? 0;
}

/** @throws TX_NONCE when another nonce is due, or the account has no room for another lane */
export function takeNonce(account: Account, lane: number, nonce: number): Account {
  const due = nextNonce(account, lane);
  if (nonce !== due) {
    throw new PerigeeError('TX_NONCE', `nonce ${nonce} in lane ${lane}; ${due} is due`, { data: { nonce, lane, due } });
  }
  // as almost every account
  if (lane === 0 && account.nonces.length <= 1 && (account.nonces[0]?.lane ?? 0) === 0) {
    return { ...account, nonces: [{ lane, next: nonce + 1 }] };
  }
  const others = account.nonces.filter((entry) => entry.lane !== lane);
  if (others.length >= MAX_LANES)
    throw new PerigeeError('TX_NONCE', `an account has at most ${MAX_LANES} lanes; use one of them`);
  return { ...account, nonces: [...others, { lane, next: nonce + 1 }].sort((a, b) => a.lane - b.lane) };
}

/** Moves tokens; what one account loses another gains. */
export function moveTokens(view: StateView, from: Uint8Array, to: Uint8Array, amount: bigint): void {
  if (amount === 0n) return;
  const payer = readAccount(view, from);
  if (payer === undefined || payer.balance < amount) {
    throw new PerigeeError('TX_MESSAGE', `account ${toHex(from)} has ${payer?.balance ?? 0n}, less than ${amount}`);
  }
  writeAccount(view, from, { ...payer, balance: payer.balance - amount });
  // read after the payer is written: both may be one
  addTokens(view, to, amount);
}

/** Takes the fee from an account that was read and has enough. */
export function payFee(view: StateView, payer: Uint8Array, account: Account, fee: bigint): void {
  writeAccount(view, payer, { ...account, balance: account.balance - fee });
  if (fee !== 0n) addTokens(view, FEE_POOL, fee);
}

function addTokens(view: StateView, to: Uint8Array, amount: bigint): void {
  const payee = readAccount(view, to) ?? { balance: 0n, nonces: [] };
  writeAccount(view, to, { ...payee, balance: payee.balance + amount });
}
