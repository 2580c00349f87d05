import type { RootBytes } from '@perigee/light-core/attest';
import { encodeBundle } from '@perigee/light-core/attest/bundle';
import type { Clock } from '@perigee/light-core/roles';
import { PerigeeError, utf8 } from '@perigee/wire';
import type { EvidenceSource, SourcePlatform } from '../source.ts';
import { certificateTable } from './amd/certificate-table.ts';
import { type AmdChanges, type AmdKeys, type AmdPki, amdKeys, amdPki, type SnpProduct } from './amd/pki.ts';
import { type SnpChanges, snpReport } from './amd/report.ts';
import { amdBundle, intelBundle } from './bundles.ts';
import type { Change } from './certificate.ts';
import { type DstackEvent, dstackEvents, replayedRegisters } from './event-log/dstack-log.ts';
import { type IntelChanges, type IntelPki, intelPki } from './intel/pki.ts';
import { type QuoteChanges, sgxQuote, type TdxForm, tdxQuote } from './intel/quote.ts';
import { type DocumentChanges, type NitroRequest, nitroDocument } from './nitro/document.ts';
import { type NitroChanges, type NitroPki, nitroPki } from './nitro/pki.ts';
import { GPU_DRIVER, GPU_VBIOS, type GpuEvidenceFields, goldenOf, gpuEvidence } from './nvidia/evidence.ts';
import { type GpuChanges, type GpuPki, gpuPki } from './nvidia/pki.ts';
import { type RimFields, writeRim } from './nvidia/rim.ts';

/** Seed of the hardware that development chains believe in. It is no secret: their nodes say `simulated` of whatever comes of it. */
const DEVELOPMENT_SEED = utf8('perigee/development/v0');

const PRODUCTS = ['Milan', 'Genoa', 'Turin'] as const;

/** The simulation whose roots are part of every program, for development chains. */
export function developmentSimulation(clock: Pick<Clock, 'now'>): Simulation {
  return new Simulation({ seed: DEVELOPMENT_SEED, clock });
}

export interface SimulationOptions {
  /** Of any length: whoever has it can mint what the simulation mints, so it protects nothing. */
  readonly seed: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
  /** Of AMD's authorities: 4,096 by default, as theirs have. Shorter ones are made many times as fast. */
  readonly rsaBits?: number;
}

/**
 * Hardware of all vendors that there is not: authorities made of a seed, and evidence in the form of production. Everything is deterministic in seed
 * and clock. With changes it mints what is wrong and properly signed; without, what passes a verifier that was given these roots.
 */
export class Simulation {
  readonly seed: Uint8Array;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #rsaBits: number;
  #amdKeys: AmdKeys | undefined;

  constructor({ seed, clock, rsaBits = 4_096 }: SimulationOptions) {
    this.#rsaBits = rsaBits;
    this.seed = seed;
    this.#clock = clock;
  }

  /** Seconds since 1970. */
  now(): number {
    return Math.floor(this.#clock.now() / 1_000);
  }

  intel(tee: 'SGX' | 'TDX', changes?: IntelChanges): IntelPki {
    return intelPki(this.seed, tee, this.now(), changes);
  }

  tdxQuote(pki: IntelPki, form: TdxForm, reportData: Uint8Array, changes?: QuoteChanges): Uint8Array {
    return tdxQuote(this.seed, pki, form, reportData, changes);
  }

  sgxQuote(pki: IntelPki, reportData: Uint8Array, changes?: QuoteChanges): Uint8Array {
    return sgxQuote(this.seed, pki, reportData, changes);
  }

  amd(product: SnpProduct, changes?: AmdChanges): AmdPki {
    this.#amdKeys ??= amdKeys(this.seed, this.#rsaBits);
    return amdPki(this.seed, product, this.#amdKeys, this.now(), changes);
  }

  snpReport(pki: AmdPki, reportData: Uint8Array, change?: SnpChanges): Uint8Array {
    return snpReport(this.seed, pki, reportData, change);
  }

  gpu(changes?: GpuChanges): GpuPki {
    return gpuPki(this.seed, this.now(), changes);
  }

  gpuEvidence(pki: GpuPki, nonce: Uint8Array, change?: Change<GpuEvidenceFields>): Uint8Array {
    return gpuEvidence(this.seed, pki, nonce, change);
  }

  /** Reference values of the driver and the VBIOS that the evidence names. */
  gpuRim(pki: GpuPki, part: 'driver' | 'vbios', change?: Change<RimFields>): Uint8Array {
    const version = part === 'driver' ? GPU_DRIVER : GPU_VBIOS;
    return writeRim(pki, { version, golden: goldenOf(this.seed, part) }, change);
  }

  nitro(changes?: NitroChanges): NitroPki {
    return nitroPki(this.seed, this.now(), changes);
  }

  nitroDocument(pki: NitroPki, request: NitroRequest, changes?: DocumentChanges): Uint8Array {
    return nitroDocument(this.seed, pki, request, this.now(), changes);
  }

  /** The file of collateral of `source('intel-tdx')`, as a registration brings it. */
  tdxBundle(): Uint8Array {
    return encodeBundle(intelBundle('tdx', this.intel('TDX')));
  }

  /** Files of collateral as peers hand them on, of all that Intel and AMD say of the simulated machines. */
  bundles(): Uint8Array[] {
    return [
      this.tdxBundle(),
      encodeBundle(intelBundle('sgx', this.intel('SGX'))),
      ...PRODUCTS.map((product) => encodeBundle(amdBundle(this.amd(product)))),
    ];
  }

  /** The certificates that all of this ends in. */
  roots(): Required<RootBytes> {
    const { root, rimRoot } = this.gpu().certificates;
    return {
      intel: [this.intel('TDX').root],
      amd: PRODUCTS.map((product) => this.amd(product).ark),
      nvidia: [root, rimRoot],
      nitro: [this.nitro().certificates.root],
    };
  }

  /** What a guest of dstack measures. @param composeHash SHA-256 of its compose file */
  eventLog(composeHash: Uint8Array, more?: readonly DstackEvent[]): DstackEvent[] {
    return dstackEvents(this.seed, composeHash, more);
  }

  /**
   * A machine of this simulation, in the place of a real one.
   *
   * @param events that its registers were extended with; of a dstack guest
   * @throws INVALID_ARGUMENT for a platform that has no report of its own
   */
  source(platform: SourcePlatform, events?: readonly DstackEvent[]): EvidenceSource {
    const quote = this.#quoting(platform, events);
    return { platform, quote: async (reportData) => ({ platform, ...quote(reportData) }) };
  }

  #quoting(
    platform: SourcePlatform,
    events: readonly DstackEvent[] | undefined,
  ): (reportData: Uint8Array) => { bytes: Uint8Array; certificates?: Uint8Array; eventLog?: string } {
    switch (platform) {
      case 'intel-tdx':
        return (reportData) => ({
          bytes: this.tdxQuote(this.intel('TDX'), 'v4', reportData, {
            td: (td) => (events === undefined ? td : { ...td, rtmr: replayedRegisters(events) }),
          }),
          ...(events === undefined ? {} : { eventLog: JSON.stringify(events) }),
        });
      case 'intel-sgx':
        return (reportData) => ({ bytes: this.sgxQuote(this.intel('SGX'), reportData) });
      case 'amd-sev-snp':
        return (reportData) => {
          const pki = this.amd('Milan');
          return { bytes: this.snpReport(pki, reportData), certificates: certificateTable(pki) };
        };
      case 'aws-nitro':
        return (reportData) => ({
          bytes: this.nitroDocument(this.nitro(), { userData: reportData, nonce: null, publicKey: null }),
        });
      default:
        throw new PerigeeError('INVALID_ARGUMENT', `there is no simulated machine of platform ${platform as string}`);
    }
  }
}
