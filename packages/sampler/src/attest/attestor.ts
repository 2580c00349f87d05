import type { AttestationReport, Collateral } from '@perigee/light-core/attest';
import type { EvidenceFiles } from '@perigee/light-core/attest/file';
import type { Clock } from '@perigee/light-core/roles';
import { equal, PerigeeError } from '@perigee/wire';
import { createPool } from '@perigee/workers';
import { spawnAttestWorker } from '#attest-worker';
import { CollateralClient, type CollateralClientOptions } from '../collateral/index.ts';
import type { AttestFinding, AttestJobs, BoundInput } from './attest-jobs.ts';

/** Subjects whose newest collateral is in memory: of each platform that a client meets one. */
const MAX_REMEMBERED = 16;

export interface AttestRequest extends EvidenceFiles {
  /** Trusted time, milliseconds since 1970. */
  readonly timeMs: number;
  /** Whether the genesis of the chain that is followed is proved to be one for development. */
  readonly development: boolean;
}

export interface AttestOptions {
  readonly signal?: AbortSignal;
  /** Called with what is known so far, before peers are asked for collateral that is missing. */
  readonly onFinding?: (finding: AttestFinding) => void;
}

export interface AttestorOptions {
  /** Who brings collateral, and keeps floors. */
  readonly node: CollateralClientOptions['node'];
  readonly clock: Pick<Clock, 'now'>;
  /** Floors that the chain has as a parameter. */
  readonly chainFloors?: NonNullable<CollateralClientOptions['chainFloors']>;
}

/** Verifies evidence of hardware in a worker of its own, which starts with the first. */
export class Attestor {
  readonly #pool = createPool<AttestJobs>({ spawn: spawnAttestWorker, size: 1 });
  /** Collateral of registrations, the newest of each subject. */
  readonly #newest = new Map<string, Uint8Array>();
  readonly #collateral: Readonly<Record<'real' | 'simulated', CollateralClient>>;

  constructor(options: AttestorOptions) {
    const client = (simulated: boolean) =>
      new CollateralClient({
        ...options,
        simulated,
        verify: (file, { subject, time, floors = {} }) =>
          this.#pool.run('bundle', { file, subject, timeMs: time, simulated, floors }),
      });
    this.#collateral = { real: client(false), simulated: client(true) };
  }

  /**
   * Against the vendors' roots first. Only where these do not vouch for it, and the chain is for development, against the roots of that; what they vouch for
   * less stays a failure of the real kind.
   *
   * @throws INVALID_ARGUMENT, PARSE, UNKNOWN_VERSION for a file that cannot be read at all; ABORTED; INTERNAL when the worker died; STORE_CORRUPT. All else
   *   is in the report
   */
  async verify(request: AttestRequest, options: AttestOptions = {}): Promise<AttestFinding> {
    const real = await this.#judge(request, false, options);
    if (!request.development || real.report.overall === 'pass') return real;
    const simulated = await this.#judge(request, true, options);
    return passedChecks(simulated.report) > passedChecks(real.report) ? simulated : real;
  }

  /**
   * Evidence and collateral as a registration names them, and that they bind exactly its keys. Against the roots that the registration says, which it may say
   * of a development chain only.
   *
   * @throws ATTESTATION, with the check in `data.check`: SIMULATED where the chain is not for development; what `verifyBundle` throws of the collateral; ABORTED,
   *   INTERNAL when the worker died; STORE_CORRUPT
   */
  async verifyBound(
    {
      development,
      nowMs,
      ...input
    }: Omit<BoundInput, 'floors'> & {
      readonly development: boolean;
      /** As of when newer collateral judges, where `timeMs` is a time of before. */
      readonly nowMs?: number;
    },
    { signal }: Pick<AttestOptions, 'signal'> = {},
  ): Promise<AttestationReport> {
    if (input.simulated && !development) {
      throw new PerigeeError('ATTESTATION', 'simulated evidence is none on a chain that is not for development', {
        data: { check: 'SIMULATED', verdict: 'fail' },
      });
    }
    const client = this.#clientOf(input.simulated);
    const given = signal === undefined ? {} : { signal };
    const judge = async (collateral: Uint8Array, timeMs: number): Promise<AttestationReport> => {
      const report = await this.#pool.run('bound', { ...input, collateral, timeMs, floors: await client.floors() }, given);
      const floors = await client.floors();
      const isNewest = Object.entries(report.seen).every(([name, number]) => number >= (floors[name] ?? number));
      // before the floors rise, so that who is judged meanwhile finds it
      if (report.overall === 'pass' && isNewest) this.#remember(input, collateral);
      if (Object.keys(report.seen).length > 0) await client.keep(report.seen);
      return report;
    };
    const newest = async (): Promise<Uint8Array | undefined> =>
      this.#newest.get(nameOf(input)) ?? (await client.get(input.subject, given).catch(() => undefined))?.file;
    for (let { collateral, timeMs } = input; ; ) {
      try {
        return await judge(collateral, timeMs);
      } catch (thrown) {
        if (PerigeeError.from(thrown).data?.check !== 'ROLLBACK') throw thrown;
        // who registered before others brought older collateral than theirs: it is judged by what is newer, never by less
        const newer = await newest();
        if (newer === undefined || equal(newer, collateral)) throw thrown;
        collateral = newer;
        timeMs = nowMs ?? timeMs;
      }
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** What passed is not older than anything that was seen. */
  #remember(of: Pick<BoundInput, 'subject' | 'simulated'>, collateral: Uint8Array): void {
    const name = nameOf(of);
    this.#newest.delete(name);
    this.#newest.set(name, collateral);
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > MAX_REMEMBERED && oldest !== undefined) this.#newest.delete(oldest);
  }

  /** With what was handed over; then, if that lacks collateral, with what peers have. */
  async #judge(request: AttestRequest, simulated: boolean, { signal, onFinding }: AttestOptions): Promise<AttestFinding> {
    const first = await this.#run(request, simulated, {}, signal);
    const { subject, report } = first;
    if (subject === undefined || !report.checks.some(({ code }) => code === 'COLLATERAL_MISSING')) return first;
    if (!simulated) onFinding?.(first);
    const given = signal === undefined ? {} : { signal };
    const bundle = await this.#clientOf(simulated)
      .get(subject, given)
      .catch(() => undefined);
    signal?.throwIfAborted();
    return bundle === undefined ? first : this.#run(request, simulated, bundle.collateral, signal);
  }

  async #run(
    { file, collateralFile, timeMs }: AttestRequest,
    simulated: boolean,
    collateral: Collateral,
    signal: AbortSignal | undefined,
  ): Promise<AttestFinding> {
    const client = this.#clientOf(simulated);
    const files = collateralFile === undefined ? { file } : { file, collateralFile };
    const input = { ...files, collateral, timeMs, simulated, floors: await client.floors() };
    const finding = await this.#pool.run('attest', input, signal === undefined ? {} : { signal });
    if (Object.keys(finding.report.seen).length > 0) await client.keep(finding.report.seen);
    return finding;
  }

  #clientOf(simulated: boolean): CollateralClient {
    return this.#collateral[simulated ? 'simulated' : 'real'];
  }
}

function nameOf({ subject, simulated }: Pick<BoundInput, 'subject' | 'simulated'>): string {
  return `${simulated ? 'simulated' : 'real'} ${subject}`;
}

function passedChecks({ checks }: AttestationReport): number {
  return checks.filter(({ verdict }) => verdict === 'pass').length;
}
