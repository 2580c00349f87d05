/** Which provider may be asked: registered, reachable, and with evidence that binds its keys and its model. */
import type { AttestationReport } from '@perigee/light-core/attest';
import { ChainView } from '@perigee/light-core/da';
import { falseReportsOf, isCurrent, reportDataOfRegistration } from '@perigee/light-core/registration';
import type { RandomBytes } from '@perigee/light-core/roles';
import { abortable, type Host } from '@perigee/net';
import {
  type ComputeParams,
  equal,
  keyText,
  MODEL_KIND,
  type ModelKind,
  type ModelOffer,
  PerigeeError,
  type ProviderRegistration,
  type ReportSums,
  type SignerKey,
  toHex,
} from '@perigee/wire';
import type { Attestor } from '../attest/index.ts';
import type { LightNode } from '../light-node.ts';
import { judgeAnswer, refusalOf } from './answer-checks.ts';
import type { Carrier } from './carriers/index.ts';
import { findProvider, listProviders, type RegisteredProvider } from './providers.ts';
import { askEvidence, askOffer, carrierOf, type RegistrationFiles } from './reach.ts';

/** Providers whose evidence is remembered, verified: it holds as long as their registration is the same, and that is looked up each time. */
const MAX_REMEMBERED = 16;

/** Whom to ask. */
export interface Whom {
  /** The key of a registration; without one it is sought by what follows. */
  readonly signer?: SignerKey | undefined;
  /** Name that a provider gives its model, or the root of its weights in hexadecimal; any model that does what is asked by default. */
  readonly model?: string | undefined;
  /** Account of a provider, hexadecimal; any by default, the highest stake first. */
  readonly provider?: string | undefined;
  /** Address to ask in place of the registered ones, a multiaddr or the URL of `/v1`: who is there carries the answer, and adds no trust. */
  readonly via?: string | undefined;
  /** Ask nobody of whom an auditor has said that an answer was false. By default such reports are shown, and decide nothing. */
  readonly refuseReported?: boolean | undefined;
}

export interface VouchOptions {
  readonly node: Pick<LightNode, 'chain'>;
  /** Over which providers are dialled. */
  readonly host: Host;
  /** Verifies evidence in a worker; its owner closes it. */
  readonly attestor: Pick<Attestor, 'verifyBound'>;
  readonly random: RandomBytes;
  /** Asks over HTTP, in programs that can. */
  readonly overHttp?: ((url: string) => Carrier) | undefined;
}

export interface Vouched {
  readonly registration: ProviderRegistration;
  readonly carrier: Carrier;
  readonly offer: ModelOffer;
  readonly evidence: AttestationReport;
  /** What that was found of. */
  readonly files: RegistrationFiles;
  /** As the state proves them for this question. */
  readonly reports: ReportSums;
}

/** What a provider shows of itself, and does again only when its registration has changed. */
type Shown = Omit<Vouched, 'reports'>;

interface WantedModel {
  readonly kind: ModelKind;
  readonly name: string | undefined;
}

export interface ComputeChain {
  readonly chainId: string;
  readonly genesisHash: Uint8Array;
  readonly development: boolean;
  readonly rules: ComputeParams;
}

/** @throws UNSUPPORTED when the chain has no providers; what the state throws */
export async function computeChainOf({ node }: Pick<VouchOptions, 'node'>, signal: AbortSignal): Promise<ComputeChain> {
  const view = new ChainView(node.chain);
  const { genesisHash, appState } = await view.facts(signal);
  const { development, compute: rules } = appState;
  if (rules === undefined) throw new PerigeeError('UNSUPPORTED', 'this chain has no providers of compute');
  return { chainId: view.head().chainId, genesisHash, development, rules };
}

/** Finds providers that may be asked, and remembers of which the evidence was verified. */
export class Vouchers {
  readonly #options: VouchOptions;
  readonly #known = new Map<string, Shown>();
  /** What is being asked of providers now. */
  readonly #opening = new Map<string, { readonly registration: ProviderRegistration; readonly shown: Promise<Shown> }>();
  /** Who there is at a height: all who ask at that height read it together. */
  #listing: { readonly height: number | undefined; readonly list: Promise<readonly RegisteredProvider[]> } | undefined;

  constructor(options: VouchOptions) {
    this.#options = options;
  }

  /** @throws NOT_FOUND, and what keeps those that there are from being asked */
  async find(whom: Whom, kind: ModelKind, chain: ComputeChain, signal: AbortSignal): Promise<Vouched> {
    const { model } = whom;
    const root = model !== undefined && /^(0x)?[0-9a-f]{64}$/i.test(model) ? model.replace(/^0x/i, '').toLowerCase() : undefined;
    const { via, refuseReported = false } = whom;
    const asked = { kind, name: root === undefined ? model : undefined, via, refuseReported };
    const failures: PerigeeError[] = [];
    for (const one of await this.#fitting(whom, root, signal)) {
      try {
        return await this.#vouch(one, asked, chain, signal);
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        failures.push(PerigeeError.from(thrown));
      }
    }
    const [first] = failures;
    if (first === undefined || failures.length === 1) throw first ?? new PerigeeError('NOT_FOUND', 'no provider is registered');
    // that one has another model says less than why the one that has it may not be asked
    const telling = failures.find(({ code }) => code !== 'NOT_FOUND') ?? first;
    const words = failures.map(({ code, message }) => `${message} [${code}]`).join('; ');
    throw new PerigeeError(telling.code, `none of ${failures.length} registered providers may be asked: ${words}`, {
      ...(telling.data && { data: telling.data }),
      cause: telling,
    });
  }

  /** @throws NOT_FOUND when there is none; what the state throws */
  async #fitting(
    { signer, provider }: Whom,
    root: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly RegisteredProvider[]> {
    const state = this.#options.node.chain;
    if (signer !== undefined) {
      const found = await findProvider(signer, { state, signal });
      if (found !== undefined && isCurrent(found.registration, state.head()?.timeMs ?? 0)) return [found];
      throw new PerigeeError('NOT_FOUND', 'the provider is registered with this key no more; look again who there is');
    }
    const all = await this.#list(signal);
    const fitting = all.filter(
      ({ registration }) =>
        (provider === undefined || toHex(registration.provider) === provider) &&
        (root === undefined || toHex(registration.modelRoot) === root),
    );
    if (fitting.length > 0) return fitting;
    const what =
      all.length === 0
        ? 'no provider is registered on this chain'
        : 'no provider that is registered on this chain is the one, or has the model, that was asked for';
    throw new PerigeeError('NOT_FOUND', `${what}; a network that has just started has one after some blocks`);
  }

  async #list(signal: AbortSignal): Promise<readonly RegisteredProvider[]> {
    const { node, random } = this.#options;
    const height = node.chain.head()?.height;
    if (this.#listing === undefined || this.#listing.height !== height) {
      this.#listing = { height, list: listProviders({ state: node.chain, random, signal }) };
    }
    const { list } = this.#listing;
    try {
      return await abortable(list, signal);
    } catch (error) {
      if (this.#listing?.list === list) this.#listing = undefined;
      // whoever began to read has gone, and not who waits
      if (PerigeeError.from(error).code === 'ABORTED' && !signal.aborted) return this.#list(signal);
      throw error;
    }
  }

  /** @throws what keeps a provider from being asked */
  async #vouch(
    { registration, reports }: RegisteredProvider,
    { kind, name, via, refuseReported }: WantedModel & { readonly via: string | undefined; readonly refuseReported: boolean },
    { genesisHash, development }: ComputeChain,
    signal: AbortSignal,
  ): Promise<Vouched> {
    if (refuseReported && falseReportsOf(reports) > 0) {
      const words = `auditors have reported ${falseReportsOf(reports)} answers of provider ${keyText(registration.provider)} as false`;
      throw new PerigeeError('REFUSED', words, { data: { check: 'reported' } });
    }
    const key = `${toHex(registration.signer.key)} ${via ?? ''}`;
    const known = this.#known.get(key);
    if (known !== undefined && isSameRegistration(known.registration, registration)) {
      checkOffer(known.offer, registration, { kind, name });
      return { ...known, reports };
    }
    const open = (): Promise<Shown> => this.#open(key, registration, { kind, name, via }, { genesisHash, development }, signal);
    return { ...(await this.#together(`${key} ${kind} ${name ?? ''}`, registration, open, signal)), reports };
  }

  /** All who want the same of a registration wait for one who asks: a provider shows it to nobody ten times at once. */
  async #together(
    what: string,
    registration: ProviderRegistration,
    open: () => Promise<Shown>,
    signal: AbortSignal,
  ): Promise<Shown> {
    let one = this.#opening.get(what);
    if (one === undefined || !isSameRegistration(one.registration, registration)) {
      const begun = { registration, shown: open() };
      const end = (): void => {
        if (this.#opening.get(what) === begun) this.#opening.delete(what);
      };
      begun.shown.then(end, end);
      this.#opening.set(what, begun);
      one = begun;
    }
    try {
      return await abortable(one.shown, signal);
    } catch (error) {
      // whoever began to ask has gone, and not who waits
      if (PerigeeError.from(error).code === 'ABORTED' && !signal.aborted) return this.#together(what, registration, open, signal);
      throw error;
    }
  }

  /** Asks a provider what it serves, and for the evidence that it registered with, and verifies that. */
  async #open(
    key: string,
    registration: ProviderRegistration,
    { via, ...wanted }: WantedModel & { readonly via: string | undefined },
    { genesisHash, development }: Pick<ComputeChain, 'genesisHash' | 'development'>,
    signal: AbortSignal,
  ): Promise<Shown> {
    const carrier = carrierOf(registration, { ...this.#options, allowPrivate: development, via });
    const offer = await askOffer(carrier, registration, signal);
    checkOffer(offer, registration, wanted);
    const files = await askEvidence(carrier, registration, signal);
    const evidence = await this.#verified(registration, files, { genesisHash, development }, signal);
    const shown = { registration, carrier, offer, evidence, files };
    this.#known.delete(key);
    this.#known.set(key, shown);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_REMEMBERED) break;
      this.#known.delete(oldest);
    }
    return shown;
  }

  async #verified(
    registration: ProviderRegistration,
    { evidence, collateral }: RegistrationFiles,
    { genesisHash, development }: Pick<ComputeChain, 'genesisHash' | 'development'>,
    signal: AbortSignal,
  ): Promise<AttestationReport> {
    const { node, attestor } = this.#options;
    const { subject, simulated } = registration;
    const reportData = toHex(reportDataOfRegistration(registration, genesisHash));
    const timeMs = node.chain.head()?.timeMs ?? 0;
    const input = { evidence, collateral, subject, reportData, timeMs, simulated, development };
    const report = await attestor.verifyBound(input, { signal });
    if (report.overall === 'pass') return report;
    throw refusalOf(judgeAnswer({ registration, report })) ?? new PerigeeError('ATTESTATION', 'the evidence does not pass');
  }
}

/** @throws NOT_FOUND when it is another model than was asked for */
function checkOffer(offer: ModelOffer, { provider }: ProviderRegistration, { kind, name }: WantedModel): void {
  if (name !== undefined && offer.id !== name) {
    throw new PerigeeError('NOT_FOUND', `provider ${keyText(provider)} has model "${offer.id}", not "${name}"`);
  }
  if (offer.kind === MODEL_KIND[kind]) return;
  const does = kind === 'chat' ? 'converse' : 'make embeddings';
  throw new PerigeeError('NOT_FOUND', `model "${offer.id}" does not ${does}`);
}

/** Whether nothing of what was verified, or of what an answer is held against, has changed. */
function isSameRegistration(a: ProviderRegistration, b: ProviderRegistration): boolean {
  return (
    equal(a.evidenceId, b.evidenceId) &&
    equal(a.collateralId, b.collateralId) &&
    a.registeredHeight === b.registeredHeight &&
    a.expiryTime === b.expiryTime &&
    equal(a.provider, b.provider) &&
    a.price.perRequest === b.price.perRequest &&
    a.price.perPromptToken === b.price.perPromptToken &&
    a.price.perAnswerToken === b.price.perAnswerToken
  );
}
