import { type AuthenticTx, type TxDraft, tokensInWords, txChain, typedDataOf } from '@perigee/light-core/tx';
import { keyText, TX_VERSION, type TxBody } from '@perigee/wire';
import type { ChainHead } from './chain-head.ts';

/** What a transaction says, in the words that a wallet shows of it: one line each. */
export function draftInWords(draft: TxDraft, sender: Uint8Array, chain: Pick<ChainHead, 'chainId' | 'genesisHash'>): string[] {
  const body: TxBody = { ...draft, version: TX_VERSION, chain: txChain(chain.genesisHash), sender };
  return linesOf(typedDataOf(body, chain).message, '');
}

/** As `draftInWords`, of one that was signed, whichever scheme did. */
export function txInWords({ tx, sessionKey }: AuthenticTx, chain: Pick<ChainHead, 'chainId' | 'genesisHash'>): string[] {
  const { sender, lane, nonce, gasLimit, bid, messages, expiryHeight } = tx;
  const tip = 'tip' in bid ? bid.tip : BigInt(gasLimit) * bid.tipPerGas;
  const lines = draftInWords(
    { lane, nonce, gasLimit, messages, maxFee: bid.maxFee, tip, expiryHeight: expiryHeight ?? 0 },
    sender,
    chain,
  );
  return [
    ...lines.filter((line) => expiryHeight !== undefined || !line.startsWith('last block ')),
    ...(sessionKey === undefined ? [] : [line('signed by', `session key ${keyText(sessionKey)}`)]),
  ];
}

/** The balance after it. */
export function balanceInWords(balance: bigint): string {
  return line('balance', tokensInWords(balance));
}

type Words = { readonly [name: string]: string | Words };

function linesOf(words: Words, indent: string): string[] {
  return Object.entries(words).flatMap(([name, value]) => {
    const shown = `${indent}${spaced(name)}`;
    if (typeof value === 'string') return [line(shown, value)];
    // the struct of a message has a number in what is signed; what it does says more
    const { action, ...rest } = value;
    return typeof action === 'string'
      ? [line(`${indent}action`, action), ...linesOf(rest, `${indent}  `)]
      : [shown, ...linesOf(value, `${indent}  `)];
  });
}

/** `feeAtMost` is `fee at most`, as on the page. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function line(name: string, value: string): string {
  return `${name.padEnd(15)} ${value}`;
}
