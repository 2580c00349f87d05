/** What a payer lets be taken of its prepaid balance: raised at once, and lowered only when no order can be settled any more that was accepted before. */
import { type ComputeBalance, equal, keyText, type PaymentOrderBody, type ProviderAllowance } from '@perigee/wire';
import { refuseOrder } from '../receipt/index.ts';

type Allowance = Pick<ProviderAllowance, 'left' | 'lowered'>;

/** What may be taken in a block of a height, as far as is known: what is lowered later takes effect later than any order of now can be settled. */
export function leftAt({ left, lowered }: Allowance, height: number): bigint {
  return lowered !== undefined && height >= lowered.height ? lowered.left : left;
}

/**
 * That a payer has what an order may take, and cannot take it away before the order's last block: its cap for the provider, its balance without what comes free
 * until then, and the grant of the session key that signed. What one provider may take another may take first: all of them share the balance.
 *
 * @param balance of the payer, as the state has it; none for an account that has prepaid nothing
 * @param owed smallest units of this payer's answers that are begun or done, and not settled yet
 * @param owedBySession those of them that the same session key ordered
 * @throws ORDER (`cap`, `balance`, `session`)
 */
export function checkMeans(
  balance: ComputeBalance | undefined,
  { payer, provider, maxFee, expiryHeight }: PaymentOrderBody,
  sessionKey: Uint8Array | undefined,
  owed = 0n,
  owedBySession = owed,
): void {
  const { available = 0n, unlocking = [], caps = [], sessions = [] } = balance ?? {};
  const due = maxFee + owed;
  if (sessionKey !== undefined) {
    const session = sessions.find(({ key }) => equal(key, sessionKey));
    const spent = maxFee + owedBySession;
    if (session === undefined || lastOf(session, expiryHeight) < expiryHeight || leftAt(session, expiryHeight) < spent) {
      throw refuseOrder('session', `session key ${keyText(sessionKey)} may not spend ${spent} until height ${expiryHeight}`);
    }
  }
  const cap = caps.find((entry) => equal(entry.provider, provider));
  const left = cap === undefined ? 0n : leftAt(cap, expiryHeight);
  if (left < due) throw refuseOrder('cap', `account ${keyText(payer)} lets this provider take ${left} more, less than ${due}`);
  const held = unlocking.reduce((sum, { amount, height }) => (height > expiryHeight ? sum + amount : sum), available);
  if (held < due) throw refuseOrder('balance', `account ${keyText(payer)} has prepaid ${held}, less than ${due}`);
}

/** Last height at which a session's orders are settled. */
function lastOf({ expiryHeight, lowered }: ComputeBalance['sessions'][number], height: number): number {
  return lowered !== undefined && height >= lowered.height ? lowered.expiryHeight : expiryHeight;
}
