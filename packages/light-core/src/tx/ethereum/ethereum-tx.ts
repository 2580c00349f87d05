/** Scheme 3: signed Ethereum transactions of type 0 with EIP-155 and of type 2 (EIP-1559). Their bytes are the Perigee transaction. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concat, PerigeeError, type TxMessage, u8 } from '@perigee/wire';
import type { RecoverableSignature } from '../../signature/index.ts';
import { bytesOfRlp, decodeRlp, encodeRlp, numberOfRlp, type RlpItem, rlpNumber } from './rlp.ts';
import { type Call, messagesOfCall } from './system-calls.ts';

const TYPE_2 = 2;
/** A list's first byte is this or more: a transaction of type 0. */
const FIRST_LIST = 0xc0;

/** What an Ethereum transaction says, without who says it. */
export interface EthereumTx {
  readonly type: 0 | 2;
  readonly ethereumChainId: bigint;
  readonly nonce: number;
  readonly gasLimit: number;
  /** Smallest units for one unit of gas: at most, and above the price of the chain. */
  readonly maxPerGas: bigint;
  readonly tipPerGas: bigint;
  readonly call: Call;
  /** What the call means: one message, or several files. */
  readonly messages: readonly TxMessage[];
  /** What the sender signed, 32 bytes. */
  readonly digest: Uint8Array;
  readonly signature: RecoverableSignature;
}

/** Whether bytes are read as an Ethereum transaction: no canonical `Tx` begins like one. */
export function isEthereumTx(raw: Uint8Array): boolean {
  const [first = 0] = raw;
  return first === TYPE_2 || first >= FIRST_LIST;
}

/** The hash by which Ethereum's clients know a transaction, 32 bytes: Keccak-256 of its bytes. Our id of it is another. */
export function ethereumTxHash(raw: Uint8Array): Uint8Array {
  return keccak_256(raw);
}

/**
 * @throws PARSE, NOT_CANONICAL; TX_AUTH without EIP-155 or with an access list; TX_MESSAGE when it creates a contract or calls what this chain
 *   does not have
 */
export function decodeEthereumTx(raw: Uint8Array): EthereumTx {
  return raw[0] === TYPE_2 ? decodeType2(raw) : decodeType0(raw);
}

function decodeType0(raw: Uint8Array): EthereumTx {
  const fields = listOf(decodeRlp(raw), 9);
  const [nonce, gasPrice, gasLimit, to, value, data, v, r, s] = fields;
  const recovery = numberOfRlp(v, 8, 'v');
  if (recovery < 35n) {
    throw new PerigeeError(
      'TX_AUTH',
      `v is ${recovery}: sign with a chain id (EIP-155), else the transaction is good on every chain`,
    );
  }
  const ethereumChainId = (recovery - 35n) / 2n;
  const signed: RlpItem = [...fields.slice(0, 6), rlpNumber(ethereumChainId), rlpNumber(0n), rlpNumber(0n)];
  const price = numberOfRlp(gasPrice, 16, 'gas price');
  return {
    type: 0,
    ethereumChainId,
    ...common(nonce, gasLimit, to, value, data),
    maxPerGas: price,
    tipPerGas: price, // all of the price is paid, whatever the chain asks for
    digest: keccak_256(encodeRlp(signed)),
    signature: signatureOf(r, s, Number((recovery - 35n) % 2n)),
  };
}

function decodeType2(raw: Uint8Array): EthereumTx {
  const fields = listOf(decodeRlp(raw.subarray(1)), 12);
  const [chainId, nonce, tip, maxFee, gasLimit, to, value, data, accessList, parity, r, s] = fields;
  if (accessList instanceof Uint8Array || accessList?.length !== 0) {
    throw new PerigeeError('TX_AUTH', 'the transaction has an access list; this chain takes none');
  }
  const maxPerGas = numberOfRlp(maxFee, 16, 'max fee per gas');
  const tipPerGas = numberOfRlp(tip, 16, 'max priority fee per gas');
  if (tipPerGas > maxPerGas) throw new PerigeeError('TX_AUTH', 'max priority fee per gas is above max fee per gas');
  const yParity = numberOfRlp(parity, 1, 'parity');
  if (yParity > 1n) throw new PerigeeError('TX_AUTH', `parity is ${yParity}, not 0 or 1`);
  return {
    type: 2,
    ethereumChainId: numberOfRlp(chainId, 8, 'chain id'),
    ...common(nonce, gasLimit, to, value, data),
    maxPerGas,
    tipPerGas,
    digest: keccak_256(concat(u8(TYPE_2), encodeRlp(fields.slice(0, 9)))),
    signature: signatureOf(r, s, Number(yParity)),
  };
}

function common(
  nonce: RlpItem | undefined,
  gasLimit: RlpItem | undefined,
  to: RlpItem | undefined,
  value: RlpItem | undefined,
  data: RlpItem | undefined,
): Pick<EthereumTx, 'nonce' | 'gasLimit' | 'call' | 'messages'> {
  const address = bytesOfRlp(to, 'to');
  if (address.length === 0) throw new PerigeeError('TX_MESSAGE', 'the transaction creates a contract; this chain has none');
  if (address.length !== 20) throw new PerigeeError('PARSE', `to has ${address.length} bytes, not 20`);
  const call = { to: address, value: numberOfRlp(value, 32, 'value'), data: bytesOfRlp(data, 'data') };
  return {
    nonce: safe(numberOfRlp(nonce, 8, 'nonce'), 'nonce'),
    gasLimit: safe(numberOfRlp(gasLimit, 8, 'gas limit'), 'gas limit'),
    call,
    messages: messagesOfCall(call),
  };
}

function signatureOf(r: RlpItem | undefined, s: RlpItem | undefined, parity: number): RecoverableSignature {
  const word = (item: RlpItem | undefined, name: string): Uint8Array => {
    numberOfRlp(item, 32, name);
    const bytes = bytesOfRlp(item, name);
    return concat(new Uint8Array(32 - bytes.length), bytes);
  };
  return { r: word(r, 'r'), s: word(s, 's'), parity };
}

function safe(value: bigint, name: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new PerigeeError('PARSE', `${name} is ${value}, above 2^53 - 1`);
  return Number(value);
}

function listOf(item: RlpItem, length: number): readonly RlpItem[] {
  if (item instanceof Uint8Array || item.length !== length) {
    throw new PerigeeError('PARSE', `an Ethereum transaction of this type is a list of ${length} fields`);
  }
  return item;
}
