import { accountKey, FEE_POOL, STORE } from '@perigee/light-core/state';
import { Account, PerigeeError, toHex } from '@perigee/wire';
import { StateKey, type StateReader, StateView } from '../state/index.ts';

/** Lanes that one account can use at a time. */
const MAX_LANES = 64;

/** An account by its address, or by its key in the state where that was made before. */
export type AccountName = Uint8Array | StateKey;

/** The fees of every transaction go there. */
const FEE_POOL_KEY = accountNamed(FEE_POOL);

/** For who asks for an account more than once. */
export function accountNamed(address: Uint8Array): StateKey {
  return new StateKey(accountKey(address));
}

export function readAccount(state: StateReader, account: AccountName): Account | undefined {
  const key = keyOf(account);
  if (state instanceof StateView) return state.read(STORE.account, key, Account);
  const raw = state.get(STORE.account, key instanceof StateKey ? key.bytes : key);
  return raw === undefined ? undefined : Account.decode(raw);
}

export function writeAccount(view: StateView, account: AccountName, value: Account): void {
  // an account that was never used nor paid is no account; its empty form would read as a deletion
  if (value.balance === 0n && value.nonces.length === 0) view.delete(STORE.account, keyOf(account));
  else view.write(STORE.account, keyOf(account), Account, value);
}

function keyOf(account: AccountName): Uint8Array | StateKey {
  return account instanceof StateKey ? account : accountKey(account);
}

function addressOf(account: AccountName): string {
  return toHex(account instanceof StateKey ? account.bytes.subarray(2) : account);
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
    return { balance: account.balance, nonces: [{ lane, next: nonce + 1 }] };
  }
  const others = account.nonces.filter((entry) => entry.lane !== lane);
  if (others.length >= MAX_LANES)
    throw new PerigeeError('TX_NONCE', `an account has at most ${MAX_LANES} lanes; use one of them`);
  return { ...account, nonces: [...others, { lane, next: nonce + 1 }].sort((a, b) => a.lane - b.lane) };
}

/** Moves tokens; what one account loses another gains. */
export function moveTokens(view: StateView, from: AccountName, to: AccountName, amount: bigint): void {
  if (amount === 0n) return;
  const payer = readAccount(view, from);
  if (payer === undefined || payer.balance < amount) {
    throw new PerigeeError('TX_MESSAGE', `account ${addressOf(from)} has ${payer?.balance ?? 0n}, less than ${amount}`);
  }
  writeAccount(view, from, { balance: payer.balance - amount, nonces: payer.nonces });
  // read after the payer is written: both may be one
  addTokens(view, to, amount);
}

/** Takes the fee from an account that was read and has enough. */
export function payFee(view: StateView, payer: AccountName, account: Account, fee: bigint): void {
  writeAccount(view, payer, { balance: account.balance - fee, nonces: account.nonces });
  if (fee !== 0n) addTokens(view, FEE_POOL_KEY, fee);
}

function addTokens(view: StateView, to: AccountName, amount: bigint): void {
  const payee = readAccount(view, to);
  writeAccount(view, to, { balance: (payee?.balance ?? 0n) + amount, nonces: payee?.nonces ?? [] });
}
