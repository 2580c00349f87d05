/** What an account has prepaid, and prepaying more. */
import { ChainView } from '@perigee/light-core/da';
import { computeBalanceKey } from '@perigee/light-core/registration';
import type { TxSubmit, VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import { gasOf, type TxDraft, tokensInWords, txChain } from '@perigee/light-core/tx';
import { abortable } from '@perigee/net';
import { ComputeBalance, equal, PerigeeError, TX_VERSION, TxBody, toHex } from '@perigee/wire';

/** Scheme, key and signature of ed25519. */
const AUTH_BYTES = 104;
/** Blocks in which the transaction may be included. */
const WITHIN_BLOCKS = 100;
/** Requests of the same cost that are prepaid for at a time on a development chain. */
const PREPAID_REQUESTS = 100n;
/** Gifts that are asked for at a time. */
const MAX_FUNDINGS = 2;

/** Who pays for answers. */
export interface ComputePayer {
  /** The account, 20 bytes. */
  readonly address: Uint8Array;
  /** Key of a session by which somebody else pays for that account, 32 bytes; none where the account's own key signs. */
  readonly sessionKey?: Uint8Array | undefined;
  /** Lane of nonces of its transactions; the first by default. */
  readonly lane?: number | undefined;
  /** @returns the raw transaction */
  sign(draft: TxDraft, chain: { readonly chainId: string; readonly genesisHash: Uint8Array }): Promise<Uint8Array>;
}

export interface PrepayOptions {
  readonly state: VerifiedState;
  readonly tx: TxSubmit;
  readonly payer: ComputePayer;
  readonly signal: AbortSignal;
  /** Gives an account what it lacks, on a development chain. */
  readonly fund?: ((address: Uint8Array, signal: AbortSignal) => Promise<void>) | undefined;
}

interface Means {
  /** Smallest units that a provider may take now: no more than is prepaid, and than its cap. */
  readonly free: bigint;
  readonly prepaid: bigint;
  readonly cap: bigint;
  /** What orders of the session may take; `undefined` where no session pays. */
  readonly session: bigint | undefined;
}

/** @throws UNPROVEN, PROOF, ABORTED */
async function readMeans(
  { address, sessionKey }: Pick<ComputePayer, 'address' | 'sessionKey'>,
  provider: Uint8Array,
  { state, signal }: Pick<PrepayOptions, 'state' | 'signal'>,
): Promise<Means> {
  const raw = await state.get(STORE.compute, computeBalanceKey(address), { signal });
  const { available = 0n, caps = [], sessions = [] } = raw === undefined ? {} : ComputeBalance.decodeCanonical(raw);
  const cap = leastOf(caps.find((one) => equal(one.provider, provider)));
  const session = sessionKey && leastOf(sessions.find(({ key }) => equal(key, sessionKey)));
  const free = [available, cap, ...(session === undefined ? [] : [session])].reduce((least, one) => (one < least ? one : least));
  return { free, prepaid: available, cap, session };
}

/** What may be taken whenever it is settled: an order of now may be settled after it was lowered. */
function leastOf(
  { left, lowered }: { readonly left: bigint; readonly lowered?: { readonly left: bigint } | undefined } = { left: 0n },
): bigint {
  return lowered !== undefined && lowered.left < left ? lowered.left : left;
}

export interface EnsureOptions extends PrepayOptions {
  /** Smallest units to prepay; by default nothing, and on a development chain enough for some requests. */
  readonly prepay?: bigint | undefined;
}

/**
 * Sees to it that a provider may take what a request can cost.
 *
 * @returns what it may take since something was prepaid now; 0 where that was not needed
 * @throws TX_FEE, ORDER (`session`: the session may not pay so much), REFUSED, UNPROVEN, ABORTED
 */
export async function ensureMeans(
  provider: Uint8Array,
  cost: bigint,
  development: boolean,
  options: EnsureOptions,
): Promise<bigint> {
  const { payer, prepay: wanted } = options;
  const { free, prepaid, cap, session } = await readMeans(payer, provider, options);
  if (free >= cost) return 0n;
  const account = toHex(payer.address);
  if (session !== undefined && session < cost) {
    const words = `an answer may cost ${tokensInWords(cost)}, and this key may spend ${tokensInWords(session)} of account ${account}: have it granted more`;
    throw new PerigeeError('ORDER', words, { data: { check: 'session', cost: String(cost), left: String(session) } });
  }
  let target = wanted ?? (development ? PREPAID_REQUESTS * cost : 0n);
  if (target < cost) {
    const words = `an answer may cost ${tokensInWords(cost)}; account ${account} has prepaid ${tokensInWords(prepaid)}, and lets this provider take ${tokensInWords(cap)}: say how much to prepay`;
    throw new PerigeeError('TX_FEE', words, { data: { cost: String(cost), prepaid: String(prepaid), cap: String(cap) } });
  }
  // what a session prepays, and its fee, counts against what it may spend
  if (session !== undefined && wanted === undefined && target > session / 2n) target = session / 2n > cost ? session / 2n : cost;
  return (await prepay(provider, { amount: target, least: cost }, options)).free;
}

/**
 * Prepays, and lets the provider take as much, so that it may take `amount` in all. Resolves when the state shows that it may take `least`: of the rest others may have
 * had a part by then.
 *
 * @throws TX_FEE when the account cannot pay; REFUSED with the words of the chain; UNREACHABLE, TIMEOUT, UNPROVEN, ABORTED
 */
async function prepay(
  provider: Uint8Array,
  { amount, least }: { readonly amount: bigint; readonly least: bigint },
  options: PrepayOptions,
): Promise<Means> {
  const { state, tx, payer, signal } = options;
  const before = await readMeans(payer, provider, options);
  const missing = before.prepaid < amount ? amount - before.prepaid : 0n;
  const left = before.cap < amount ? amount : before.cap;
  const raw = await signed({ amount: missing, caps: [{ provider, left }] }, options);
  const outcome = await tx.submit(raw, { signal });
  if (outcome.code !== 0) {
    throw new PerigeeError('REFUSED', `the chain did not take the prepayment: ${outcome.log}`, { data: { code: outcome.code } });
  }
  // what a peer says of it is a hint: the state decides
  let wake = (): void => {};
  const unsubscribe = state.onHead(() => wake());
  try {
    for (let heads = 0; heads < WITHIN_BLOCKS; heads++) {
      const news = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const means = await readMeans(payer, provider, options);
      if (means.free >= least) return means;
      await abortable(news, signal);
    }
  } finally {
    unsubscribe();
  }
  throw new PerigeeError('UNPROVEN', 'a peer said that the prepayment is in a block, and the state does not show it');
}

async function signed(
  computeDeposit: { readonly amount: bigint; readonly caps: { readonly provider: Uint8Array; readonly left: bigint }[] },
  { state, payer, signal, fund }: PrepayOptions,
): Promise<Uint8Array> {
  const chain = new ChainView(state);
  const { lane = 0 } = payer;
  const { genesisHash, appState } = await chain.facts(signal);
  for (let fundings = 0; ; fundings++) {
    const account = (await chain.account(payer.address, signal)) ?? { balance: 0n, nonces: [] };
    const { height, chainId } = chain.head();
    const nonce = account.nonces.find((one) => one.lane === lane)?.next ?? 0;
    const common = { lane, nonce, expiryHeight: height + WITHIN_BLOCKS, tip: 0n, messages: [{ computeDeposit }] };
    // gas depends on the length, and the length on the gas: with the widest numbers it is as long as it can be
    const widest = { ...common, gasLimit: Number.MAX_SAFE_INTEGER, maxFee: (1n << 128n) - 1n };
    const body = { ...widest, version: TX_VERSION, chain: txChain(genesisHash), sender: payer.address };
    const gasLimit = gasOf(common, TxBody.encode(body).length + AUTH_BYTES);
    const maxFee = BigInt(gasLimit) * appState.gasPrice;
    const needed = computeDeposit.amount + maxFee;
    if (account.balance >= needed) return payer.sign({ ...common, gasLimit, maxFee }, { genesisHash, chainId });
    const words = `prepaying takes ${tokensInWords(needed)}, and account ${toHex(payer.address)} has ${tokensInWords(account.balance)}`;
    if (fund === undefined || fundings === MAX_FUNDINGS) {
      throw new PerigeeError('TX_FEE', `${words}: pay it first`, {
        data: { balance: String(account.balance), needed: String(needed) },
      });
    }
    await fund(payer.address, signal).catch((cause: unknown) => {
      const { code, message } = PerigeeError.from(cause);
      throw code === 'ABORTED' ? cause : new PerigeeError('TX_FEE', `${words}. The faucet: ${message}`, { cause });
    });
  }
}
