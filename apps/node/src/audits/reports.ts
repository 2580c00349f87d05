import { ChainView } from '@perigee/light-core/da';
import { auditKey } from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import type { LightNode } from '@perigee/sampler';
import { AUDIT_VERDICT, type ComputeReport } from '@perigee/wire';
import { accountKey } from '../keyring.ts';
import { roleSender } from '../roles/role-sender.ts';
import { txAccount } from '../tx/account.ts';

/** Says on the chain what came of an audit, and takes it back. */
export interface AuditReports {
  /** Of the account that reports, 20 bytes. */
  readonly account: Uint8Array;
  /** @throws what `roleSender` throws */
  send(report: ComputeReport, signal: AbortSignal): Promise<void>;
  /** @returns whether there was something to take back */
  withdraw(receipt: ComputeReport['receipt'], signal: AbortSignal): Promise<boolean>;
  /** Whether this account has reported an order. */
  isSaid(orderId: Uint8Array, signal: AbortSignal): Promise<boolean>;
}

/** @param key of the account: a name or a file; that of the home unless given */
export async function auditReports(
  node: LightNode,
  {
    home,
    key,
    onFunded,
    signal,
  }: {
    readonly home: string;
    readonly key: string | undefined;
    readonly onFunded: () => void;
    readonly signal: AbortSignal;
  },
): Promise<AuditReports> {
  const account = txAccount(await accountKey(home, key));
  const view = new ChainView(node.chain);
  const { genesisHash, appState } = await view.facts(signal);
  const send = roleSender(
    {
      chainId: view.head().chainId,
      genesisHash,
      state: node.chain,
      transactions: node.transactions,
      ...(appState.development && { requestFunds: (address, until) => node.requestFunds(address, { signal: until }) }),
    },
    account,
    onFunded,
  );
  const isSaid = async (orderId: Uint8Array, until: AbortSignal): Promise<boolean> =>
    (await node.chain.get(STORE.compute, auditKey(orderId, account.address), { signal: until })) !== undefined;
  return {
    account: account.address,
    isSaid,
    send: (computeReport, until) => send({ computeReport }, until),
    async withdraw(receipt, until) {
      const { orderId, runningHash } = receipt.checkpoint.body;
      if (!(await isSaid(orderId, until))) return false;
      await send({ computeReport: { receipt, verdict: AUDIT_VERDICT.withdrawn, ownHash: runningHash } }, until);
      return true;
    },
  };
}
