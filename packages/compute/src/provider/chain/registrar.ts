import {
  blockReferenceKey,
  computeProviderKey,
  isCurrent,
  possessionSignBytes,
  registrationKey,
  registrationOf,
  reportDataOf,
} from '@perigee/light-core/registration';
import type { VerifiedHead, VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import {
  BlockReference,
  ComputeProvider,
  type ComputeRegister,
  equal,
  type InferencePrice,
  PerigeeError,
  type ProviderRegistration,
  type SignerKey,
  type TxMessage,
} from '@perigee/wire';
import type { ProducedEvidence } from '../../evidence/index.ts';
import type { EvidenceFiles } from './evidence-files.ts';

/** Evidence whose collateral ends within this time is renewed, milliseconds: long enough for a chain that stands still for a while. */
const RENEW_BEFORE_MS = 6 * 3_600_000;
/** A registration that was good is looked at again after so many blocks, each of which would otherwise cost a proof. */
const LOOK_AGAIN_BLOCKS = 60;

/** Where evidence comes from: hardware, or on a development chain what is made in its place. */
export interface RegistrationEvidence {
  /** Whether it is of hardware that there is not. */
  readonly simulated: boolean;
  /** @param reportData 64 bytes that it must bind */
  quote(reportData: Uint8Array, signal: AbortSignal): Promise<ProducedEvidence>;
  /** File of collateral that vouches for such evidence. @throws NOT_FOUND when there is none, with what to do */
  collateral(evidence: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
}

export interface RegistrarOptions {
  readonly state: VerifiedState;
  readonly genesisHash: Uint8Array;
  readonly minStake: bigint;
  /** Account that is paid, 20 bytes. */
  readonly account: Uint8Array;
  readonly signer: SignerKey;
  /** Of the signer's key, which a registration must show to be the provider's. */
  readonly sign: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /** X25519, 32 bytes. */
  readonly encryptionKey: Uint8Array;
  readonly modelRoot: Uint8Array;
  readonly price: InferencePrice;
  /** Where the provider is reached now. */
  readonly endpoints: () => readonly string[];
  readonly evidence: RegistrationEvidence;
  readonly files: EvidenceFiles;
  /** Sends a message of the provider's account, and resolves when the state shows what became of it. */
  readonly send: (message: TxMessage, signal: AbortSignal) => Promise<void>;
}

/** Keeps a provider registered: as it is now, with evidence whose collateral holds, and with enough at stake. */
export class Registrar {
  readonly #options: RegistrarOptions;
  #current: ProviderRegistration | undefined;
  #former: ProviderRegistration | undefined;
  #lookAt = 0;

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  /** As the chain last showed it; its evidence is here. */
  get current(): ProviderRegistration | undefined {
    return this.#current;
  }

  /** Evidence and collateral that are asked for: what clients were told a moment ago they may still want. */
  get named(): readonly Uint8Array[] {
    return [this.#current, this.#former].flatMap((one) => (one === undefined ? [] : [one.evidenceId, one.collateralId]));
  }

  /**
   * Looks at the registration, and makes or renews it where that is due.
   *
   * @returns whether it sent something
   * @throws BUSY before a head is verified; TX_FEE, REFUSED with the words of the chain; what evidence and collateral throw; ABORTED
   */
  async keep(signal: AbortSignal): Promise<boolean> {
    const { state } = this.#options;
    const head = state.head();
    if (head === undefined) throw new PerigeeError('BUSY', 'no header is verified yet');
    if (this.#current !== undefined && head.height < this.#lookAt && this.#isAsNow(this.#current, head)) return false;
    const found = await this.#found(signal);
    if (found !== undefined && (await this.#isGood(found, head))) {
      this.#current = found;
      this.#lookAt = head.height + LOOK_AGAIN_BLOCKS;
      return false;
    }
    await this.#register(head, signal);
    return true;
  }

  async #found(signal: AbortSignal): Promise<ProviderRegistration | undefined> {
    const { state, signer } = this.#options;
    const raw = await state.get(STORE.compute, registrationKey(signer), { signal });
    return raw && registrationOf(raw, signer);
  }

  async #isGood(found: ProviderRegistration, head: VerifiedHead): Promise<boolean> {
    const { account, files, modelRoot } = this.#options;
    if (!equal(found.provider, account) || !equal(found.modelRoot, modelRoot)) {
      throw new PerigeeError(
        'REFUSED',
        'the key that signs for this provider is registered by another account, or for another model: move its file away, and a new key is made',
      );
    }
    if (!this.#isAsNow(found, head)) return false;
    // who cannot show the evidence cannot be checked
    const kept = await Promise.all([files.get(found.evidenceId), files.get(found.collateralId)]);
    return kept.every((file) => file !== undefined);
  }

  /** Whether it says what is so now, and holds for a while. */
  #isAsNow(found: ProviderRegistration, head: VerifiedHead): boolean {
    const { price } = this.#options;
    const endpoints = this.#options.endpoints();
    return (
      found.price.perRequest === price.perRequest &&
      found.price.perPromptToken === price.perPromptToken &&
      found.price.perAnswerToken === price.perAnswerToken &&
      found.endpoints.length === endpoints.length &&
      found.endpoints.every((endpoint, i) => endpoint === endpoints[i]) &&
      isCurrent(found, head.timeMs + RENEW_BEFORE_MS)
    );
  }

  async #register(head: VerifiedHead, signal: AbortSignal): Promise<void> {
    const { state, account, signer, sign, files, evidence, send, minStake, genesisHash, price, encryptionKey, modelRoot } =
      this.#options;
    const boundHeight = head.height - 1;
    const [block, held] = await Promise.all([
      state.get(STORE.compute, blockReferenceKey(boundHeight), { signal }),
      state.get(STORE.compute, computeProviderKey(account), { signal }),
    ]);
    if (block === undefined) throw new PerigeeError('BUSY', `the chain has no block ${boundHeight} that evidence could bind yet`);
    const { hash: boundHash } = BlockReference.decode(block);
    const { stake, signers } = held === undefined ? { stake: 0n, signers: [] } : ComputeProvider.decode(held);
    const isKnown = signers.some((own) => own.scheme === signer.scheme && equal(own.key, signer.key));
    const due = minStake * BigInt(signers.length + (isKnown ? 0 : 1));
    const bound = { genesisHash, provider: account, signer, encryptionKey, modelRoot, boundHeight, boundHash };
    const reportData = reportDataOf(bound);
    const possession = await sign(possessionSignBytes(reportData));
    const { bytes, certificates } = await evidence.quote(reportData, signal);
    const whole = certificates === undefined ? bytes : joined(bytes, certificates);
    const collateral = await evidence.collateral(whole, signal);
    // on disk before anyone can ask for it
    const [evidenceId] = await Promise.all([files.keep(whole), files.keep(collateral)]);
    const message: ComputeRegister = {
      signer,
      encryptionKey,
      modelRoot,
      price,
      endpoints: [...this.#options.endpoints()],
      simulated: evidence.simulated,
      boundHeight,
      stake: stake < due ? due - stake : 0n,
      evidence: whole,
      collateral,
      possession,
    };
    await send({ computeRegister: message }, signal);
    const found = await this.#found(signal);
    if (found === undefined || !equal(found.evidenceId, evidenceId)) {
      throw new PerigeeError('UNPROVEN', 'the state does not show the registration that was sent yet');
    }
    this.#former = this.#current;
    this.#current = found;
  }
}

/** A report of AMD, and its table of certificates behind it. */
function joined(report: Uint8Array, certificates: Uint8Array): Uint8Array {
  const out = new Uint8Array(report.length + certificates.length);
  out.set(report);
  out.set(certificates, report.length);
  return out;
}
