import { decodeTx, type EthereumTx, gasOf, isEthereumTx } from '@perigee/light-core/tx';
import { MAX_TX_BYTES, MAX_WAITING_ETHEREUM_BYTES, MAX_WAITING_ETHEREUM_TXS, PerigeeError, toHex, txIdOf } from '@perigee/wire';
import { RpcError } from '../rpc-error.ts';
import { accountIn, type ChainView, nonceOf } from './chain-view.ts';
import { Recent } from './recent.ts';
import { RPC_CODE } from './rpc-error.ts';
import { txHashOf } from './tx-view.ts';

/** Hands transactions of Ethereum's wallets to the chain. Refusals have the texts that their clients look for. */
export class RawSender {
  readonly #view: ChainView;
  /** What was handed in here, by Ethereum hash, to be shown while it waits. */
  readonly #sent = new Recent<Uint8Array>(MAX_WAITING_ETHEREUM_TXS, MAX_WAITING_ETHEREUM_BYTES);

  constructor(view: ChainView) {
    this.#view = view;
  }

  /** A transaction that waits for a block, `undefined` when none does that was handed in here. */
  async waiting(hash: Uint8Array): Promise<Uint8Array | undefined> {
    const raw = this.#sent.get(toHex(hash));
    const outcome = raw && (await this.#view.chain.result(txIdOf(raw)));
    return outcome?.height === 0 && outcome.code === 0 ? raw : undefined;
  }

  /** @returns the Ethereum hash @throws RpcError */
  async send(raw: Uint8Array): Promise<Uint8Array> {
    const { chain } = this.#view;
    const tx = read(raw);
    const hash = txHashOf(raw);
    const sender = await this.#sender(tx, hash);
    const known = await chain.result(txIdOf(raw));
    if (known?.height === 0) throw refused('already known');
    if (known !== undefined) throw refused(`nonce too low: the transaction is in block ${known.height}`);
    const outcome = await chain.add(raw);
    if (outcome.code !== 0) throw await this.#reason(tx, sender, raw, outcome.log);
    if (outcome.height > 0) throw refused(`nonce too low: the transaction is in block ${outcome.height}`);
    this.#sent.set(toHex(hash), raw, raw.length);
    return hash;
  }

  async #sender(tx: EthereumTx, hash: Uint8Array): Promise<Uint8Array> {
    const { ethereumChainId } = this.#view.params;
    if (tx.ethereumChainId !== BigInt(ethereumChainId)) {
      throw refused(`invalid chain id for signer: have ${tx.ethereumChainId} want ${ethereumChainId}`);
    }
    const sender = await this.#view.txs.signer(hash, tx);
    if (sender === undefined) throw refused('invalid sender: the signature is none that a key can make');
    return sender;
  }

  /** Why the chain took it not, in Ethereum's words where it has some. */
  async #reason(tx: EthereumTx, sender: Uint8Array, raw: Uint8Array, log: string): Promise<RpcError> {
    const { params, chain } = this.#view;
    const account = await accountIn(await this.#view.stateAt('latest'), sender);
    const [due, next] = [nonceOf(account), await chain.nextNonce(sender)];
    if (tx.nonce < due) return refused(`nonce too low: next nonce ${due}, tx nonce ${tx.nonce}`);
    if (tx.nonce < next) {
      return refused(`replacement transaction underpriced: one with nonce ${tx.nonce} waits already, and is not replaced`);
    }
    if (tx.nonce > next) return refused(`nonce too high: next nonce ${next}, tx nonce ${tx.nonce}`);
    const gas = gasOf(tx, raw.length);
    if (gas > tx.gasLimit) return refused(`intrinsic gas too low: gas limit ${tx.gasLimit}, minimum needed ${gas}`);
    if (tx.maxPerGas < params.gasPrice) {
      return refused(`max fee per gas less than block base fee: maxFeePerGas: ${tx.maxPerGas}, baseFee: ${params.gasPrice}`);
    }
    const cost = BigInt(gas) * params.gasPrice + tx.call.value;
    if (account.balance < cost) {
      return refused(`insufficient funds for gas * price + value: balance ${account.balance}, tx cost ${cost}: ${log}`);
    }
    return refused(`transaction refused: ${log}`);
  }
}

function refused(message: string): RpcError {
  return new RpcError(RPC_CODE.server, message);
}

/** @throws RpcError */
function read(raw: Uint8Array): EthereumTx {
  if (raw.length > MAX_TX_BYTES) throw refused(`oversized data: transaction size ${raw.length}, limit ${MAX_TX_BYTES}`);
  if (raw.length === 0 || !isEthereumTx(raw)) {
    throw refused('transaction type not supported: sign one of type 0 with EIP-155, or of type 2');
  }
  try {
    const { ethereum } = decodeTx(raw);
    if (ethereum !== undefined) return ethereum;
  } catch (error) {
    const { code, message } = PerigeeError.from(error);
    if (code === 'TX_AUTH' && raw[0] !== 2) {
      throw refused(`only replay-protected (EIP-155) transactions allowed over RPC: ${message}`);
    }
    throw refused(code === 'TX_MESSAGE' ? `transaction refused: ${message}` : `invalid transaction: ${message}`);
  }
  throw refused('transaction type not supported');
}
