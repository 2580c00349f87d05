import { join } from 'node:path';
import type { OpenRequestOptions } from '@perigee/light-core/confidential';
import { ChainView } from '@perigee/light-core/da';
import type { InferenceSigner } from '@perigee/light-core/receipt';
import type { Clock, RandomBytes, VerifiedState } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { createStopController, type Host } from '@perigee/net';
import {
  type ErrorCode,
  equal,
  type InferencePrice,
  type ModelOffer,
  PerigeeError,
  type ProviderRegistration,
  type TxMessage,
  toHex,
} from '@perigee/wire';
import type { Model } from '../../engines/index.ts';
import { serveInference } from '../inference-service.ts';
import { PaidLedger } from '../paid-ledger.ts';
import { Provider } from '../provider.ts';
import { Admission } from './admission.ts';
import { EvidenceFiles } from './evidence-files.ts';
import { serveProviderEvidence } from './evidence-service.ts';
import { Registrar, type RegistrationEvidence } from './registrar.ts';
import { type Settlement, Settler } from './settler.ts';

/** Blocks that receipts wait for others to be settled with, where nothing else is said. */
const SETTLE_EVERY_BLOCKS = 30;
/** How long a chain that refuses is left alone, milliseconds: doubled each time up to the longest. */
const RETRY_MS = 2_000;
const MAX_RETRY_MS = 300_000;

/** What may be over in a moment: a node that has just started sees it, and nobody need be told. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['BUSY', 'UNPROVEN']);

/** A model, and the keys that are registered for it: what a key stands for on a chain does not change. */
export interface RegisteredModel {
  readonly model: Model;
  /** Signs its receipts. */
  readonly signer: InferenceSigner;
  /** X25519, 32 bytes. */
  readonly encryptionKey: Uint8Array;
}

export interface ComputeNodeOptions extends RegisteredModel {
  readonly host: Host;
  readonly state: VerifiedState;
  readonly chainId: string;
  /** Folder of this chain's receipts and evidence. */
  readonly dir: string;
  /** Account that is paid, 20 bytes. */
  readonly account: Uint8Array;
  /** With which requests are opened that are sealed to a model's key; without them they are refused. */
  readonly sealing?: OpenRequestOptions;
  /** Models beside the first, each of another root. */
  readonly others?: readonly RegisteredModel[];
  readonly price: InferencePrice;
  /** Whether requests are answered for which nobody pays. */
  readonly allowUnpaid: boolean;
  /** Where the provider is reached now: at most MAX_PROVIDER_ENDPOINTS. */
  readonly endpoints: () => readonly string[];
  readonly evidence: RegistrationEvidence;
  /** Sends a message of the account, and resolves when the state shows what became of it. @throws TX_FEE, REFUSED, UNREACHABLE, TIMEOUT, ABORTED */
  readonly send: (message: TxMessage, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly verifyEd25519: VerifyEd25519;
  readonly on: {
    readonly registered: (registration: ProviderRegistration) => void;
    readonly settled: (settlement: Settlement) => void;
    readonly fault: (error: PerigeeError) => void;
  };
}

/** A provider on a chain: it answers at once, and registers, renews and settles beside that. */
export interface ComputeNode {
  readonly provider: Provider;
  /** Of the first model. */
  readonly registration: ProviderRegistration | undefined;
  /** Evidence and collateral of its registrations, by their hashes. */
  readonly evidence: Pick<EvidenceFiles, 'get'>;
  offers(): readonly ModelOffer[];
  /** Ends what is being answered, and gives its store back. Receipts that are not settled wait there for the next start. */
  stop(): Promise<void>;
}

/**
 * Starts a provider that is registered on a chain. What it had acknowledged before it was killed it has again: orders that were begun, receipts that were given out.
 *
 * @throws UNSUPPORTED when the chain has no providers; STORE_LOCKED, STORE_VERSION, STORE_CORRUPT, STORE_FULL
 */
export async function createComputeNode(options: ComputeNodeOptions): Promise<ComputeNode> {
  const { host, state, chainId, dir, account, others = [], price, allowUnpaid, clock, random, verifyEd25519 } = options;
  const { genesisHash, appState } = await new ChainView(state).facts();
  const rules = appState.compute;
  if (rules === undefined) {
    const words = 'this chain has no providers of compute: its genesis has no rules for them; leave role compute out';
    throw new PerigeeError('UNSUPPORTED', words);
  }
  const files = await EvidenceFiles.open(join(dir, 'evidence'));
  const ledger = await PaidLedger.open(join(dir, 'paid'));
  const ends: (() => Promise<void>)[] = [() => ledger.close()];
  const stop = async (): Promise<void> => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const admission = new Admission({ state });
    for (const receipt of await ledger.receipts()) admission.note(receipt);
    const { send, endpoints, evidence } = options;
    const { minStake, unlockBlocks } = rules;
    const models: readonly RegisteredModel[] = [options, ...others];
    const registrars = models.map(({ model, signer, encryptionKey }) => {
      const sign = (bytes: Uint8Array) => signer.sign(bytes);
      const { modelRoot } = model;
      const own = { signer: signer.key, sign, encryptionKey, modelRoot };
      return new Registrar({ ...own, state, account, send, genesisHash, minStake, price, endpoints, evidence, files });
    });
    const settler = new Settler({ state, send, ledger, admission, everyBlocks: SETTLE_EVERY_BLOCKS });
    const provider = new Provider({
      chain: { chainId, genesisHash, unlockBlocks },
      identity(modelRoot) {
        const place = models.findIndex(({ model }) => equal(model.modelRoot, modelRoot));
        const [served, registrar] = [models[place], registrars[place]];
        if (served === undefined) throw new PerigeeError('NOT_FOUND', `no model ${toHex(modelRoot)} is served here`);
        const evidenceId = registrar?.current?.evidenceId;
        return { account, signer: served.signer, ...(evidenceId && { evidenceId }) };
      },
      models: models.map(({ model }) => ({ model, price })),
      ledger: {
        begin: (order, onFree) => ledger.begin(order, onFree),
        async keep(receipt) {
          await ledger.keep(receipt);
          admission.note(receipt);
        },
      },
      allowUnpaid,
      height: () => state.head()?.height ?? 0,
      admit: (order, sessionKey) => admission.admit(order, sessionKey),
      clock,
      random,
      verifyEd25519,
    });
    const { sealing } = options;
    ends.push(await serveInference(host, provider, { sealing, clock, random }), await serveProviderEvidence(host, files));
    const rounds = new Rounds(options, registrars, settler, files);
    ends.push(() => rounds.stop());
    return {
      provider,
      evidence: files,
      get registration() {
        return registrars[0]?.current;
      },
      offers: () => provider.offers(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Looks at each new block whether there is something to send; one look at a time, and after a failure not before a while. */
class Rounds {
  readonly #options: ComputeNodeOptions;
  readonly #registrars: readonly Registrar[];
  readonly #files: EvidenceFiles;
  readonly #settler: Settler;
  readonly #stopping = createStopController();
  readonly #unsubscribe: () => void;
  #running: Promise<void> | undefined;
  #restUntil = 0;
  #restMs = RETRY_MS;

  constructor(options: ComputeNodeOptions, registrars: readonly Registrar[], settler: Settler, files: EvidenceFiles) {
    this.#options = options;
    this.#registrars = registrars;
    this.#files = files;
    this.#settler = settler;
    this.#unsubscribe = options.state.onHead(() => this.#look());
    this.#look();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort();
    await this.#running;
  }

  #look(): void {
    const { clock } = this.#options;
    if (this.#running !== undefined || this.#stopping.signal.aborted || clock.now() < this.#restUntil) return;
    this.#running = this.#round().finally(() => {
      this.#running = undefined;
    });
  }

  async #round(): Promise<void> {
    const { on, clock } = this.#options;
    const { signal } = this.#stopping;
    try {
      // one after another: each needs to see what is at stake for those before it
      for (const registrar of this.#registrars) await this.#register(registrar, signal);
      const settlement = await this.#settler.settle(signal);
      if (settlement !== undefined) on.settled(settlement);
      this.#restMs = RETRY_MS;
    } catch (thrown) {
      if (signal.aborted) return;
      const error = PerigeeError.from(thrown);
      if (PASSING.has(error.code)) return;
      this.#restUntil = clock.now() + this.#restMs;
      this.#restMs = Math.min(MAX_RETRY_MS, 2 * this.#restMs);
      on.fault(error);
    }
  }

  async #register(registrar: Registrar, signal: AbortSignal): Promise<void> {
    const before = registrar.current;
    const isSent = await registrar.keep(signal);
    const { current } = registrar;
    if (current !== undefined && current !== before && before?.registeredHeight !== current.registeredHeight)
      this.#options.on.registered(current);
    if (!isSent || this.#registrars.some((one) => one.current === undefined)) return;
    await this.#files.retain(this.#registrars.flatMap(({ named }) => named));
  }
}
