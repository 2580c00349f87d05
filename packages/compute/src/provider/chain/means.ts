import { refuseOrder } from '@perigee/light-core/receipt';
import { type ComputeBalance, equal, type PaymentOrderBody, toHex } from '@perigee/wire';

/**
 * That a payer has what an order may take: its cap for the provider, and its balance.
 *
 * @param balance of the payer, as the state has it; none for an account that has prepaid nothing
 * @param owed smallest units of this payer's answers that are begun or done, and not settled yet
 * @throws ORDER (`payer`, `fee`)
 */
export function checkMeans(
  balance: ComputeBalance | undefined,
  { payer, provider, maxFee }: PaymentOrderBody,
  sessionKey: Uint8Array | undefined,
  owed: bigint,
): void {
  if (sessionKey !== undefined) {
    throw refuseOrder('payer', `orders are signed by the account itself here, not by session key ${toHex(sessionKey)}`);
  }
  const { available = 0n, caps = [] } = balance ?? {};
  const due = maxFee + owed;
  const left = caps.find((entry) => equal(entry.provider, provider))?.left ?? 0n;
  const besides = owed === 0n ? '' : `, ${owed} of it for other orders`;
  if (left < due) {
    throw refuseOrder(
      'fee',
      `account ${toHex(payer)} lets this provider take ${left} more, less than ${due}${besides}: raise the cap`,
    );
  }
  if (available < due) {
    throw refuseOrder('fee', `account ${toHex(payer)} has prepaid ${available}, less than ${due}${besides}: prepay more`);
  }
}
