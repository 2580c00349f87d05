import type { ChainView } from '@perigee/light-core/da';
import { parseEthereumAddress } from '@perigee/light-core/signature';
import { type ChainName, type TxDraft, tokensInWords, txChain, typedDataOf } from '@perigee/light-core/tx';
import { fromHex, MESSAGE_KIND, PerigeeError, TX_VERSION, type TxMessage } from '@perigee/wire';
import type { WalletOrder, WalletReview } from '../../model/index.ts';
import { typedRows } from './typed-rows.ts';

/** A transfer, a grant and its end take half of it; what is not used is not paid. */
const GAS_LIMIT = 10_000;
/** For which time the wallet may stand open: ten minutes of blocks. */
const WITHIN_BLOCKS = 600;
/** Wallets use the first lane; session keys have others. */
const LANE = 0;

/** What a person looks at, and what is then signed: one follows from the other. */
export interface PreparedTx {
  readonly order: WalletOrder;
  readonly draft: TxDraft;
  readonly chain: ChainName;
  readonly review: WalletReview;
}

export interface Signatory {
  /** Of the wallet's account, 20 bytes. */
  readonly address: Uint8Array;
  /** ed25519 key of this browser, that a grant is for. */
  readonly sessionKey: Uint8Array;
}

/** @throws INVALID_ARGUMENT, TX_FEE; what the state throws */
export async function prepareTx(
  view: ChainView,
  order: WalletOrder,
  { address, sessionKey }: Signatory,
  signal: AbortSignal,
): Promise<PreparedTx> {
  const [{ genesisHash, appState }, account] = await Promise.all([view.facts(signal), view.account(address, signal)]);
  const { height, chainId } = view.head();
  const maxFee = BigInt(GAS_LIMIT) * appState.gasPrice;
  checkBalance(account?.balance ?? 0n, maxFee, order);
  const draft: TxDraft = {
    lane: LANE,
    nonce: account?.nonces.find(({ lane }) => lane === LANE)?.next ?? 0,
    expiryHeight: height + WITHIN_BLOCKS,
    gasLimit: GAS_LIMIT,
    maxFee,
    tip: 0n,
    messages: [messageOf(order, sessionKey, height)],
  };
  const chain = { chainId, genesisHash };
  const typed = typedDataOf({ ...draft, version: TX_VERSION, chain: txChain(genesisHash), sender: address }, chain);
  return { order, draft, chain, review: { kind: order.kind, ...typedRows(typed) } };
}

function messageOf(order: WalletOrder, sessionKey: Uint8Array, height: number): TxMessage {
  switch (order.kind) {
    case 'transfer':
      return { transfer: { to: parseEthereumAddress(order.to), amount: order.amount } };
    case 'grant':
      return {
        grantSession: {
          key: sessionKey,
          // a blob that is to be kept on is stored as a file too; who may prepay for answers may sign orders
          kinds: [MESSAGE_KIND.certify, MESSAGE_KIND.storageSubmit, MESSAGE_KIND.kvSet, MESSAGE_KIND.computeDeposit],
          cap: order.cap,
          expiryHeight: height + order.blocks,
        },
      };
    case 'revoke':
      return { revokeSession: { key: fromHex(order.key, 32) } };
  }
}

/** A wallet should not be opened for what the chain will refuse. @throws TX_FEE */
function checkBalance(balance: bigint, maxFee: bigint, order: WalletOrder): void {
  const amount = order.kind === 'transfer' ? order.amount : 0n;
  if (balance >= maxFee + amount) return;
  const sum =
    amount === 0n
      ? `a fee of up to ${tokensInWords(maxFee)}`
      : `${tokensInWords(amount)} and a fee of up to ${tokensInWords(maxFee)}`;
  throw new PerigeeError('TX_FEE', `the account has ${tokensInWords(balance)}, and this takes ${sum}`);
}
