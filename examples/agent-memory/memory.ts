/** The memory of an agent: its messages, in order, in a key-value stream of the chain. */
import { ChainView } from '@perigee/light-core/da';
import { encodeStreamData, KV_RESULT } from '@perigee/light-core/kv';
import { type Ed25519Signer, signTx } from '@perigee/light-core/tx';
import type { LightNode } from '@perigee/sampler';
import { ed25519Address, fromUtf8, PerigeeError, SubmitResults, txIdOf, utf8 } from '@perigee/wire';

const CHAT = utf8('chat/');
const DIGITS = 12;
/** What a write of a message takes besides its bytes, and a byte of it (docs/kv.md). */
const GAS = 12_000;
const GAS_PER_BYTE = 10;
const WITHIN_BLOCKS = 100;
/** Others may write at the same moment: then the next number is tried. */
const MAX_TRIES = 5;

export interface Message {
  readonly role: 'user' | 'agent';
  readonly text: string;
}

export interface Remembered extends Message {
  /** Its place in the conversation, from 1. */
  readonly number: number;
  /** Header that proves it. */
  readonly height: number;
}

export class AgentMemory {
  readonly #node: LightNode;
  readonly #stream: Uint8Array;

  /** @param stream 32 bytes; whoever writes to it first owns it */
  constructor(node: LightNode, stream: Uint8Array) {
    this.#node = node;
    this.#stream = stream;
  }

  /** The last messages, oldest first, with nothing left out between: that is proved. */
  async recall(count: number): Promise<Remembered[]> {
    const { entries } = await this.#node.kv(this.#stream).range({ prefix: CHAT, reverse: true, limit: count });
    return [...entries].reverse().map(readMessage);
  }

  /** Calls back with each new message, whoever writes it, until the returned function is called. */
  follow(listener: (message: Remembered) => void): () => void {
    return this.#node.kv(this.#stream).watch({ prefix: CHAT }, (reading) => {
      if (reading.value !== undefined) listener(readMessage(reading));
    });
  }

  /**
   * Appends a message. Of two agents that write at once, one gets the next number, and the other the one after that.
   *
   * @returns when verified headers say that it was done
   */
  async remember(message: Message, signer: Ed25519Signer): Promise<Remembered> {
    for (let tries = 1; ; tries++) {
      const last = (await this.recall(1))[0]?.number ?? 0;
      const key = keyOf(last + 1);
      const { result, height } = await this.#write(key, utf8(JSON.stringify(message)), signer);
      if (result === KV_RESULT.commit) return { ...message, number: last + 1, height };
      if (result !== KV_RESULT.versionConfliction || tries === MAX_TRIES) throw new PerigeeError('REFUSED', result);
    }
  }

  async #write(key: Uint8Array, value: Uint8Array, signer: Ed25519Signer): Promise<{ result: string; height: number }> {
    const view = new ChainView(this.#node.chain);
    const address = ed25519Address(signer.publicKey);
    const [{ genesisHash, appState }, account] = await Promise.all([view.facts(), view.account(address)]);
    // by version 0 the write is done only where the key was not written before
    const data = encodeStreamData({ version: 0n, reads: [], writes: [{ stream: this.#stream, key, value }], controls: [] });
    const gasLimit = GAS + GAS_PER_BYTE * data.length;
    const draft = {
      lane: 0,
      nonce: account?.nonces.find(({ lane }) => lane === 0)?.next ?? 0,
      expiryHeight: view.head().height + WITHIN_BLOCKS,
      gasLimit,
      maxFee: BigInt(gasLimit) * appState.gasPrice,
      tip: 0n,
      messages: [{ kvSet: { streams: [this.#stream], data } }],
    };
    const raw = await signTx(draft, genesisHash, signer);
    const { code, log, height } = await this.#node.transactions.submit(raw);
    if (code !== 0) throw new PerigeeError('REFUSED', log);
    await this.#headAfter(height);
    // what became of it is a peer's word until here
    const proven = await this.#node.proveTx(txIdOf(raw));
    const [outcome] = SubmitResults.decodeCanonical(proven.result.data).writes;
    return { result: outcome?.result ?? 'nothing was written', height: proven.height };
  }

  #headAfter(height: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if ((this.#node.chain.head()?.height ?? 0) <= height) return;
        stop();
        resolve();
      };
      const stop = this.#node.chain.onHead(look);
      look();
    });
  }
}

function keyOf(number: number): Uint8Array {
  return utf8(`chat/${String(number).padStart(DIGITS, '0')}`);
}

function readMessage({ key, value, height }: { key: Uint8Array; value: Uint8Array | undefined; height: number }): Remembered {
  const number = Number(fromUtf8(key).slice('chat/'.length));
  const { role, text }: { role?: unknown; text?: unknown } = JSON.parse(fromUtf8(value ?? new Uint8Array(0)));
  return { number, height, role: role === 'agent' ? 'agent' : 'user', text: String(text) };
}
