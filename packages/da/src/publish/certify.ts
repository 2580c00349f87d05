import type { ChainView } from '@perigee/light-core/da';
import type { TxOutcome, TxSubmit } from '@perigee/light-core/roles';
import { type Ed25519Signer, signTx } from '@perigee/light-core/tx';
import { abortable } from '@perigee/net/abort';
import { CERTIFY_GAS_LIMIT, CERTIFY_WITHIN_BLOCKS, PerigeeError, Turn, type TxMessage } from '@perigee/wire';

export interface CertifierParts {
  readonly chain: ChainView;
  readonly tx: TxSubmit;
  readonly signer: Ed25519Signer;
  /** Whose transactions these are: the signer's own account, or one that has granted it a session. */
  readonly account: Uint8Array;
  /** Lane of the account that this publisher alone uses. */
  readonly lane: number;
}

/** Brings certificates, and what goes with them, onto the chain, one after another: each takes the next nonce of the lane. */
export class Certifier {
  readonly #parts: CertifierParts;
  readonly #turn = new Turn();
  #nonce = 0;

  constructor(parts: CertifierParts) {
    this.#parts = parts;
  }

  /**
   * @returns height of the block that holds the certificate, as the one who took the transaction says: the state decides
   * @throws REFUSED with the log of the state machine, and what `TxSubmit` throws
   */
  submit(messages: readonly TxMessage[], maxFee: bigint, signal: AbortSignal | undefined): Promise<number> {
    // others' certificates may be waited for; who gave up is not
    return abortable(
      this.#turn.take(() => this.#submit(messages, maxFee, signal)),
      signal,
    );
  }

  async #submit(messages: readonly TxMessage[], maxFee: bigint, signal: AbortSignal | undefined): Promise<number> {
    if (signal?.aborted) throw PerigeeError.from(signal.reason);
    let nonce = Math.max(this.#nonce, await this.#provedNonce(signal));
    for (;;) {
      const outcome = await this.#send(messages, maxFee, nonce, signal);
      if (outcome.code === 0) {
        this.#nonce = nonce + 1;
        return outcome.height;
      }
      // one that no block holds took no nonce: ours was a guess beyond the proved state, or another program used the lane
      const proved = outcome.height === 0 ? await this.#provedNonce(signal) : nonce;
      this.#nonce = outcome.height === 0 ? 0 : nonce + 1;
      if (proved === nonce) {
        throw new PerigeeError('REFUSED', `the chain refused the certificate (code ${outcome.code}): ${outcome.log}`, {
          data: { code: outcome.code, height: outcome.height },
        });
      }
      nonce = proved;
    }
  }

  async #send(
    messages: readonly TxMessage[],
    maxFee: bigint,
    nonce: number,
    signal: AbortSignal | undefined,
  ): Promise<TxOutcome> {
    const { chain, tx, signer, account, lane } = this.#parts;
    const { genesisHash } = await chain.facts(signal);
    const draft = {
      lane,
      nonce,
      expiryHeight: chain.head().height + CERTIFY_WITHIN_BLOCKS,
      gasLimit: CERTIFY_GAS_LIMIT,
      maxFee,
      tip: 0n,
      messages: [...messages],
    };
    return tx.submit(await signTx(draft, genesisHash, signer, account), signal === undefined ? {} : { signal });
  }

  /** Next nonce of the lane by the proved state, which is a block or two behind what this publisher has sent. */
  async #provedNonce(signal: AbortSignal | undefined): Promise<number> {
    const { chain, account, lane } = this.#parts;
    const { nonces } = (await chain.account(account, signal)) ?? {};
    return nonces?.find((entry) => entry.lane === lane)?.next ?? 0;
  }
}
