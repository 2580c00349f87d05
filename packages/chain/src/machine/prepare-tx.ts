import { verifyCertificate } from '@perigee/light-core/da';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { type AuthenticTx, createVerifiedTxs, decodeTx, verifyTxAuth } from '@perigee/light-core/tx';
import { type Certificate, PerigeeError, type TxMessage, toHex } from '@perigee/wire';
import type { Genesis } from '../genesis/index.ts';
import { RecentCache } from '../recent-cache.ts';
import type { StateReader } from '../state/index.ts';
import { committeeFor } from './epoch.ts';

/** Transactions whose signatures are remembered from the mempool to their block. */
const REMEMBERED = 20_000;

/** A transaction with all its signatures looked at, ready to run without waiting. */
export interface PreparedTx {
  /** The transaction, or why it is none that can be charged to anyone. */
  readonly authentic: AuthenticTx | PerigeeError;
  /** For each message, why its signatures do not hold. */
  readonly refusals: readonly (PerigeeError | undefined)[];
}

/** Checks signatures ahead of execution, each once: what was found good in the mempool is not verified again in the block. */
export class TxPreparer {
  readonly #genesis: Genesis;
  readonly #verifyEd25519: VerifyEd25519;
  readonly #verified = createVerifiedTxs(REMEMBERED);
  readonly #certificates = new RecentCache<true>(REMEMBERED);

  constructor(genesis: Genesis, verifyEd25519: VerifyEd25519) {
    this.#genesis = genesis;
    this.#verifyEd25519 = verifyEd25519;
  }

  /**
   * @param state of the block that will hold the transaction, or of the one before: committees do not change within an epoch
   * @param height of that block
   */
  async prepare(raw: Uint8Array, state: StateReader, height: number): Promise<PreparedTx> {
    const { genesisHash, initChain, appState } = this.#genesis;
    const options = {
      genesisHash,
      chainId: initChain.chainId,
      ethereumChainId: appState.ethereumChainId,
      verifyEd25519: this.#verifyEd25519,
      verified: this.#verified,
    };
    const authentic = await refusalOr(async () => verifyTxAuth(decodeTx(raw), options));
    if (authentic instanceof PerigeeError) return { authentic, refusals: [] };
    const refusals = await Promise.all(
      authentic.tx.messages.map((message, i) => this.#checkMessage(message, `${toHex(authentic.id)}/${i}`, state, height)),
    );
    return { authentic, refusals };
  }

  /** All transactions of a block, in its order; see `prepare`. */
  prepareAll(txs: readonly Uint8Array[], state: StateReader, height: number): Promise<PreparedTx[]> {
    return Promise.all(txs.map((tx) => this.prepare(tx, state, height)));
  }

  async #checkMessage({ certify }: TxMessage, id: string, state: StateReader, height: number): Promise<PerigeeError | undefined> {
    if (certify === undefined) return undefined;
    const result = await refusalOr(() => this.#checkCertificate(certify.certificate, id, state, height));
    return result instanceof PerigeeError ? result : undefined;
  }

  async #checkCertificate(certificate: Certificate, id: string, state: StateReader, height: number): Promise<void> {
    const committee = committeeFor(state, this.#genesis, certificate.epoch, height);
    const key = `${id}/${toHex(committee.hash)}`;
    if (this.#certificates.get(key) !== undefined) return;
    const { genesisHash } = this.#genesis;
    await verifyCertificate(certificate, committee, { genesisHash, verifyEd25519: this.#verifyEd25519 });
    this.#certificates.set(key, true);
  }
}

async function refusalOr<T>(check: () => Promise<T>): Promise<T | PerigeeError> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof PerigeeError) return error;
    throw error;
  }
}
