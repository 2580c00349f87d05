/** A chain with providers of compute, driven block by block with hashes and times, and what its state says of them. */
import { hash } from 'node:crypto';
import { encodeBundle } from '@perigee/light-core/attest/bundle';
import { timestampOfMs } from '@perigee/light-core/comet';
import { feeOf, isSignerKey, orderIdOf, signCheckpoint, signOrder } from '@perigee/light-core/receipt';
import {
  computeBalanceKey,
  computeProviderKey,
  possessionSignBytes,
  registrationKey,
  reportDataOf,
} from '@perigee/light-core/registration';
import { COMPUTE_POOL, STORE } from '@perigee/light-core/state';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import {
  type Checkpoint,
  type CheckpointBody,
  ComputeBalance,
  ComputeProvider,
  type ComputeRegister,
  concat,
  type FeeClaim,
  type PaymentOrder,
  type PaymentOrderBody,
  ProviderRegistration,
  SIGNER_SCHEME,
  type SignerKey,
  SubmitResults,
  type TxMessage,
} from '@perigee/wire';
import { certificateTable } from '../../../../compute/src/evidence/simulated/amd/certificate-table.ts';
import { amdBundle, intelBundle } from '../../../../compute/src/evidence/simulated/bundles.ts';
import { developmentSimulation } from '../../../../compute/src/evidence/simulated/index.ts';
import type { IntelChanges } from '../../../../compute/src/evidence/simulated/intel/pki.ts';
import type { QuoteChanges } from '../../../../compute/src/evidence/simulated/intel/quote.ts';
import type { TxResult } from '../../../src/application/index.ts';
import type { GenesisOptions } from '../../../src/index.ts';
import { readAccount } from '../../../src/machine/accounts.ts';
import { addressOf, GENESIS_TIME, genesisOf, signerOf, transferTx } from '../../devnet.ts';
import { type Driven, drive } from '../drive.ts';

export const RULES = { minStake: 1_000n, unbondingBlocks: 5, unlockBlocks: 30, reportDeposit: 70n };
export const PRICE = { perRequest: 10n, perPromptToken: 2n, perAnswerToken: 5n };
export const FUNDS = 1_000_000_000n;
export const MODEL = new Uint8Array(32).fill(0x4d);
const PEOPLE = ['alice', 'bob', 'carol', 'pat', 'quinn'];
/** Of a block, milliseconds. */
const BLOCK_MS = 1_000;

export function providingGenesis(change: Partial<GenesisOptions> = {}) {
  const accounts = PEOPLE.map((name) => ({ address: addressOf(name), balance: FUNDS }));
  return genesisOf({ compute: RULES, gasPrice: 1n, accounts, ...change });
}

export function bytesOf(text: string, length = 32): Uint8Array {
  return Uint8Array.from(hash('sha512', text, 'buffer')).slice(0, length);
}

export function keyOf(name: string): SignerKey {
  return { scheme: SIGNER_SCHEME.ed25519, key: signerOf(name).publicKey };
}

export function timeAt(height: number): number {
  return GENESIS_TIME + height * BLOCK_MS;
}

export function hashAt(height: number): Uint8Array {
  return bytesOf(`block ${height}`);
}

/** What makes a registration bad, before it is signed. */
export interface Faults {
  readonly pki?: IntelChanges;
  readonly quote?: QuoteChanges;
  /** The machine is AMD's. */
  readonly isAmd?: boolean;
  /** Milliseconds by which the vendor's clock is behind. */
  readonly ageMs?: number;
  /** What the evidence binds instead. */
  readonly bound?: Partial<Parameters<typeof reportDataOf>[0]>;
  /** What the message says instead. */
  readonly message?: Partial<ComputeRegister>;
}

export class Providing {
  readonly chain: Driven;
  readonly #nonces = new Map<string, number>();

  private constructor(chain: Driven) {
    this.chain = chain;
  }

  static async begin(genesis = providingGenesis(), dir?: string): Promise<Providing> {
    const providing = new Providing(await drive(genesis, dir));
    if (providing.chain.height() === 0) await providing.block();
    return providing;
  }

  /** One block, with the hash and the time of its height. */
  async block(txs: readonly Uint8Array[] = [], timeMs?: number): Promise<readonly TxResult[]> {
    const height = this.chain.height() + 1;
    const { txResults } = await this.chain.block(txs, { hash: hashAt(height), time: timestampOfMs(timeMs ?? timeAt(height)) });
    return txResults;
  }

  async skipTo(height: number): Promise<void> {
    while (this.chain.height() < height) await this.block();
  }

  async sign(from: string, messages: readonly TxMessage[], account?: string): Promise<Uint8Array> {
    const lane = account === undefined ? 0 : 1;
    const key = `${account ?? from}/${lane}`;
    const nonce = this.#nonces.get(key) ?? 0;
    this.#nonces.set(key, nonce + 1);
    return transferTx(this.chain.genesis, {
      from,
      lane,
      nonce,
      expiryHeight: this.chain.height() + 1_000,
      gasLimit: 10_000_000,
      maxFee: 10_000_000n,
      messages,
      ...(account === undefined ? {} : { account: addressOf(account) }),
    });
  }

  async send(from: string, messages: readonly TxMessage[]): Promise<TxResult> {
    return (await this.block([await this.sign(from, messages)]))[0] as TxResult;
  }

  /** A registration as an honest machine makes it, for a block right after the last, but for its faults. */
  registration(
    provider: string,
    signer: string,
    { pki, quote, isAmd = false, ageMs = 0, bound = {}, message = {} }: Faults = {},
  ): ComputeRegister {
    const boundHeight = this.chain.height();
    const keys = { signer: keyOf(signer), encryptionKey: bytesOf(`encrypt ${signer}`), modelRoot: MODEL, boundHeight };
    const boundHash = hashAt(boundHeight);
    const { genesisHash } = this.chain.genesis;
    const reportData = reportDataOf({ ...keys, genesisHash, provider: addressOf(provider), boundHash, ...bound });
    vendorTime = timeAt(boundHeight) - ageMs;
    const own = { ...keys, genesisHash, provider: addressOf(provider), boundHash, ...message };
    const possession = isSignerKey(own.signer) ? possessionOf(signer, reportDataOf(own)) : new Uint8Array(64);
    return {
      ...keys,
      possession,
      price: PRICE,
      endpoints: ['/ip4/192.0.2.1/tcp/4001', 'https://provider.example/v1'],
      simulated: true,
      stake: RULES.minStake,
      ...(isAmd ? ofAmd(reportData) : ofIntel(reportData, { ...(pki && { pki }), ...(quote && { quote }) })),
      ...message,
    };
  }

  async register(provider: string, signer: string, faults?: Faults): Promise<TxResult> {
    return this.send(provider, [{ computeRegister: this.registration(provider, signer, faults) }]);
  }

  registered(signer: SignerKey): ProviderRegistration | undefined {
    const raw = this.chain.value(STORE.compute, registrationKey(signer));
    return raw && ProviderRegistration.decodeCanonical(raw);
  }

  provider(name: string): ComputeProvider | undefined {
    const raw = this.chain.value(STORE.compute, computeProviderKey(addressOf(name)));
    return raw && ComputeProvider.decodeCanonical(raw);
  }

  prepaid(name: string): ComputeBalance | undefined {
    const raw = this.chain.value(STORE.compute, computeBalanceKey(addressOf(name)));
    return raw && ComputeBalance.decodeCanonical(raw);
  }

  get pool(): bigint {
    return readAccount({ get: this.chain.value }, COMPUTE_POOL)?.balance ?? 0n;
  }

  /** What a payer owes for an answer, as payer and provider sign it. */
  async claim(order: OrderOptions): Promise<FeeClaim> {
    return claimOf(this.chain.genesis.genesisHash, { expiryHeight: this.chain.height() + 20, ...order });
  }
}

/** One for all, which makes AMD's long keys once. */
let vendorTime = 0;
const simulation = developmentSimulation({ now: () => vendorTime });

type Brought = Pick<ComputeRegister, 'evidence' | 'collateral'>;

function ofIntel(reportData: Uint8Array, { pki, quote }: Pick<Faults, 'pki' | 'quote'>): Brought {
  const intel = simulation.intel('TDX', pki);
  return {
    evidence: simulation.tdxQuote(intel, 'v4', reportData, quote),
    collateral: encodeBundle(intelBundle('tdx', intel)),
  };
}

function ofAmd(reportData: Uint8Array): Brought {
  const amd = simulation.amd('Milan');
  return {
    evidence: concat(simulation.snpReport(amd, reportData), certificateTable(amd)),
    collateral: encodeBundle(amdBundle(amd)),
  };
}

/** The named key says that it is its owner who registers it. */
export function possessionOf(signer: string, reportData: Uint8Array): Uint8Array {
  return signerOf(signer).sign(possessionSignBytes(reportData)) as Uint8Array;
}

export interface OrderOptions {
  readonly payer: string;
  readonly provider: string;
  /** Name of the key that signs for the provider. */
  readonly signer: string;
  readonly nonce: number;
  readonly answerTokens?: number;
  readonly sequence?: number;
  readonly expiryHeight?: number;
  /** Key that signs for the payer, where it is a session's. */
  readonly session?: Ed25519Signer;
  readonly order?: Partial<PaymentOrderBody>;
  readonly fee?: bigint;
}

export function feeFor(answerTokens: number): bigint {
  return feeOf(PRICE, { promptTokens: 4, answerTokens });
}

async function claimOf(genesisHash: Uint8Array, options: OrderOptions): Promise<FeeClaim> {
  const { payer, provider, nonce, expiryHeight = 100, session } = options;
  const draft = {
    provider: addressOf(provider),
    modelRoot: MODEL,
    requestHash: bytesOf(`request ${nonce}`),
    maxFee: 1_000_000n,
    nonce: bytesOf(`nonce ${nonce}`, 16),
    expiryHeight,
    ...options.order,
  };
  const of = options.order?.genesisHash ?? genesisHash;
  const order = await signOrder(draft, of, session ?? signerOf(payer), session && addressOf(payer));
  return { order, checkpoint: await checkpointOf(order, options) };
}

/** What a provider signs of an answer. */
export async function checkpointOf(
  { body: order }: PaymentOrder,
  {
    signer,
    nonce,
    answerTokens = 10,
    sequence = 1,
    fee,
  }: Pick<OrderOptions, 'signer' | 'nonce' | 'answerTokens' | 'sequence' | 'fee'>,
  change: Partial<CheckpointBody> = {},
): Promise<Checkpoint> {
  const body = {
    version: 1,
    orderId: orderIdOf(order),
    requestHash: order.requestHash,
    executionHash: bytesOf('execution'),
    sequence,
    chunks: answerTokens,
    bytes: 4 * answerTokens,
    runningHash: bytesOf(`answer ${nonce} ${sequence}`),
    usage: { promptTokens: 4, answerTokens },
    fee: fee ?? feeFor(answerTokens),
    finish: 1,
    ...change,
  };
  return signCheckpoint(body, { key: keyOf(signer), sign: async (bytes) => signerOf(signer).sign(bytes) });
}

export function settlementOf({ data }: TxResult) {
  return SubmitResults.decodeCanonical(data).settlements[0];
}
