import { PerigeeError, type TxBody, toHex } from '@perigee/wire';
import { tokensInWords } from '../words.ts';
import { messageInWords } from './message-words.ts';
import { perigeeDomain, type TypedData, type TypedField, type TypedValue } from './typed-data.ts';

/** What names a chain to people and to signatures. */
export interface ChainName {
  readonly chainId: string;
  /** 32 bytes. */
  readonly genesisHash: Uint8Array;
}

const HEAD: readonly TypedField[] = [
  { type: 'string', name: 'network' },
  { type: 'address', name: 'account' },
  { type: 'string', name: 'feeAtMost' },
  { type: 'string', name: 'tip' },
  { type: 'uint64', name: 'gasLimit' },
  { type: 'uint64', name: 'lane' },
  { type: 'uint64', name: 'nonce' },
  { type: 'uint64', name: 'lastBlock' },
];

/**
 * Scheme 2: the typed data of a transaction, which follows from its canonical body and the chain alone. Every field of the body has its words, so whoever
 * signs them signs exactly that body.
 *
 * @throws TX_MESSAGE when a message is of no kind
 */
export function typedDataOf(body: TxBody, { chainId, genesisHash }: ChainName): TypedData {
  if (body.messages.length === 0) throw new PerigeeError('TX_MESSAGE', 'transaction has no message');
  const messages = body.messages.map(messageInWords);
  const { fields: domainFields, domain } = perigeeDomain(body.version, genesisHash);
  const action = (i: number) => `action${i + 1}`;
  const head: Record<string, TypedValue> = {
    network: chainId,
    account: `0x${toHex(body.sender)}`,
    feeAtMost: tokensInWords(body.maxFee),
    tip: tokensInWords(body.tip),
    gasLimit: String(body.gasLimit),
    lane: String(body.lane),
    nonce: String(body.nonce),
    lastBlock: String(body.expiryHeight),
  };
  return {
    types: {
      EIP712Domain: domainFields,
      Transaction: [...HEAD, ...messages.map(({ struct }, i) => ({ type: struct, name: action(i) }))],
      ...Object.fromEntries(messages.map(({ struct, fields }) => [struct, fields])),
    },
    primaryType: 'Transaction',
    domain,
    message: { ...head, ...Object.fromEntries(messages.map(({ value }, i) => [action(i), value])) },
  };
}
