/** Transactions as Ethereum's clients are shown them. Those of the other schemes are shown too: without them files would have no origin. */
import type { BlockTx } from '@perigee/light-core/roles';
import { nobleRecover } from '@perigee/light-core/signature';
import { FLOW_ADDRESS, SYSTEM_ADDRESS } from '@perigee/light-core/state';
import { decodeTx, type EthereumTx, ethereumTxHash, isEthereumTx } from '@perigee/light-core/tx';
import { MAX_CACHED_SIGNERS, type Tx, type TxMessage, toHex, txIdOf } from '@perigee/wire';
import type { EthereumParams } from './params.ts';
import { type Hex, hex, quantity } from './quantity.ts';
import { Recent } from './recent.ts';

const NOBODY = new Uint8Array(20);

export interface TxView {
  /** The Ethereum hash; of a transaction of another scheme its id. */
  readonly hash: Uint8Array;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly nonce: number;
  readonly gasLimit: number;
  readonly messages: readonly TxMessage[];
  readonly ethereum: EthereumTx | undefined;
  /** Offered besides the gas, by transactions of other schemes. */
  readonly tip: bigint;
}

/** Where a transaction is in the chain. */
export interface TxPlaceView {
  readonly blockHash: Uint8Array;
  readonly height: number;
  readonly index: number;
}

export function txHashOf(raw: Uint8Array): Uint8Array {
  return isEthereumTx(raw) ? ethereumTxHash(raw) : txIdOf(raw);
}

/** Reads transactions, and remembers who signed them. */
export class TxReader {
  readonly #signers = new Recent<Uint8Array>(MAX_CACHED_SIGNERS);

  /** What cannot be read, and did nothing, is of nobody. */
  async read(raw: Uint8Array): Promise<TxView> {
    const hash = txHashOf(raw);
    try {
      const { tx, ethereum } = decodeTx(raw);
      return ethereum === undefined ? nativeView(hash, tx) : await this.#ethereumView(hash, ethereum);
    } catch {
      const nothing = { value: 0n, nonce: 0, gasLimit: 0, messages: [], ethereum: undefined, tip: 0n };
      return { hash, from: NOBODY, to: SYSTEM_ADDRESS, ...nothing };
    }
  }

  /** Who signed an Ethereum transaction; nobody when no key can have made the signature. */
  async signer(hash: Uint8Array, { digest, signature }: EthereumTx): Promise<Uint8Array | undefined> {
    const key = toHex(hash);
    const known = this.#signers.get(key);
    if (known !== undefined) return known;
    const signer = await nobleRecover(digest, signature);
    if (signer !== undefined) this.#signers.set(key, signer);
    return signer;
  }

  async #ethereumView(hash: Uint8Array, ethereum: EthereumTx): Promise<TxView> {
    const from = (await this.signer(hash, ethereum)) ?? NOBODY;
    const { nonce, gasLimit, messages, call } = ethereum;
    return { hash, from, to: call.to, value: call.value, nonce, gasLimit, messages, ethereum, tip: 0n };
  }
}

function nativeView(hash: Uint8Array, { sender, nonce, gasLimit, messages, tip }: Tx): TxView {
  const [first] = messages;
  const storesFiles = messages.some(({ storageSubmit }) => storageSubmit !== undefined);
  const recipient = messages.length === 1 ? first?.transfer?.to : undefined;
  const value = messages.reduce(
    (sum, { transfer, stake, storageSubmit }) => sum + (transfer?.amount ?? stake?.amount ?? storageSubmit?.value ?? 0n),
    0n,
  );
  const to = recipient ?? (storesFiles ? FLOW_ADDRESS : SYSTEM_ADDRESS);
  return { hash, from: sender, to, value, nonce, gasLimit, messages, ethereum: undefined, tip };
}

/**
 * What a unit of gas cost: of an Ethereum transaction exactly, gas used times it is the fee. The tip of another one is a sum, and is divided, rounded
 * down.
 */
export function paidPerGas({ ethereum, tip }: TxView, { gasUsed }: Pick<BlockTx, 'gasUsed'>, gasPrice: bigint): bigint {
  if (ethereum === undefined) return gasPrice + (gasUsed > 0 ? tip / BigInt(gasUsed) : 0n);
  const above = ethereum.maxPerGas - gasPrice;
  return gasPrice + (above < ethereum.tipPerGas ? above : ethereum.tipPerGas);
}

/** @param place none while it waits */
export function txJson(
  view: TxView,
  { ethereumChainId }: EthereumParams,
  pricePerGas: bigint,
  place: TxPlaceView | undefined,
): { readonly [name: string]: unknown } {
  const { ethereum } = view;
  return {
    blockHash: place === undefined ? null : hex(place.blockHash),
    blockNumber: place === undefined ? null : quantity(place.height),
    transactionIndex: place === undefined ? null : quantity(place.index),
    hash: hex(view.hash),
    from: hex(view.from),
    to: hex(view.to),
    value: quantity(view.value),
    nonce: quantity(view.nonce),
    gas: quantity(view.gasLimit),
    gasPrice: quantity(pricePerGas),
    input: ethereum === undefined ? '0x' : hex(ethereum.call.data),
    type: quantity(ethereum?.type ?? 0),
    chainId: quantity(ethereumChainId),
    ...(ethereum?.type === 2
      ? { maxFeePerGas: quantity(ethereum.maxPerGas), maxPriorityFeePerGas: quantity(ethereum.tipPerGas), accessList: [] }
      : {}),
    ...signatureJson(ethereum),
  };
}

/** Other schemes have other signatures: theirs is shown as none. */
function signatureJson(ethereum: EthereumTx | undefined): { readonly [name: string]: Hex } {
  if (ethereum === undefined) return { v: '0x1b', r: '0x0', s: '0x0' };
  const { signature, type, ethereumChainId } = ethereum;
  const [r, s] = [signature.r, signature.s].map((bytes) => quantity(BigInt(hex(bytes)))) as [Hex, Hex];
  if (type === 0) return { v: quantity(35n + 2n * ethereumChainId + BigInt(signature.parity)), r, s };
  return { v: quantity(signature.parity), yParity: quantity(signature.parity), r, s };
}
