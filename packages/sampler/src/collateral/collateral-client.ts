import { type Floors, raiseFloors, type Seen } from '@perigee/light-core/attest';
import { type BundleOptions, decodeFloors, encodeFloors, isNewer, type VerifiedBundle } from '@perigee/light-core/attest/bundle';
import type { Clock } from '@perigee/light-core/roles';
import { PerigeeError } from '@perigee/wire';
import type { LightNode } from '../light-node.ts';

/** Share of its time after which collateral is looked for anew, while it still holds. */
const REFRESH_AFTER = 0.7;

export interface CollateralClientOptions {
  readonly node: Pick<LightNode, 'askCollateral' | 'shelf'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Collateral of the roots of a development genesis that the node has verified; else of the vendors. */
  readonly simulated: boolean;
  /** `verifyBundle` against those roots, where the caller wants it done: a page has a worker for it. */
  readonly verify: (file: Uint8Array, options: Pick<BundleOptions, 'subject' | 'time' | 'floors'>) => Promise<VerifiedBundle>;
  /** Floors that the chain has as a parameter, beside those that were seen here; none before they are proved. */
  readonly chainFloors?: () => Floors;
}

/**
 * Collateral as a light node has it: from any peer, verified against pinned roots, kept, and never older than what was seen before. Floors and files
 * outlive the visit where the node has a store.
 */
export class CollateralClient {
  readonly #options: CollateralClientOptions;
  readonly #prefix: string;
  /** What was seen on this visit, also where nothing is kept. */
  #seen: Floors = {};

  constructor(options: CollateralClientOptions) {
    this.#options = options;
    this.#prefix = options.simulated ? 'simulated-collateral' : 'collateral';
  }

  /**
   * The newest collateral of a subject that is to be had, current and not older than what was seen.
   *
   * @throws NOT_FOUND when no peer has any; ATTESTATION, PARSE and what else `verifyBundle` throws when none that came is good; INVALID_ARGUMENT, STORE_CORRUPT
   */
  async get(subject: string, { signal }: { signal?: AbortSignal } = {}): Promise<VerifiedBundle> {
    const { node, simulated } = this.#options;
    const kept = await this.#kept(subject);
    if (kept !== undefined && !this.#isDue(kept)) return kept;
    const request = { subject, simulated };
    const files = await node.askCollateral(request, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      if (kept === undefined) throw error;
      return [];
    });
    let failure: unknown;
    const good: VerifiedBundle[] = kept === undefined ? [] : [kept];
    for (const file of files) {
      try {
        good.push(await this.#verify(subject, file));
      } catch (error) {
        failure = error;
      }
    }
    const newest = good.reduce<VerifiedBundle | undefined>(
      (best, one) => (best === undefined || isNewer(one, best) ? one : best),
      undefined,
    );
    if (newest === undefined) {
      throw (
        failure ??
        new PerigeeError(
          'NOT_FOUND',
          `no peer has collateral of ${subject}; a node gets it by "perigee collateral import ${subject}"`,
        )
      );
    }
    await this.keep(newest.seen);
    if (newest !== kept) await node.shelf.keepValue(this.#name(subject), newest.file);
    return newest;
  }

  /** The numbers below which nothing is taken. @throws STORE_CORRUPT */
  async floors(): Promise<Floors> {
    const { node, chainFloors = () => ({}) } = this.#options;
    const bytes = await node.shelf.value(`${this.#prefix}-floors`);
    return raiseFloors(raiseFloors(bytes === undefined ? {} : decodeFloors(bytes), chainFloors()), this.#seen);
  }

  /** Raises the floors by what a verification has seen. @throws STORE_CORRUPT */
  async keep(seen: Seen): Promise<void> {
    this.#seen = raiseFloors(this.#seen, seen);
    const floors = await this.floors();
    // of those that are kept at that moment: another tab may have raised others meanwhile
    await this.#options.node.shelf.changeValue(`${this.#prefix}-floors`, (kept) =>
      encodeFloors(raiseFloors(kept === undefined ? {} : decodeFloors(kept), floors)),
    );
  }

  async #kept(subject: string): Promise<VerifiedBundle | undefined> {
    const file = await this.#options.node.shelf.value(this.#name(subject));
    return file === undefined ? undefined : this.#verify(subject, file).catch(() => undefined);
  }

  async #verify(subject: string, file: Uint8Array): Promise<VerifiedBundle> {
    const { clock, verify } = this.#options;
    return verify(file, { subject, time: clock.now(), floors: await this.floors() });
  }

  #isDue({ issuedMs, untilMs }: VerifiedBundle): boolean {
    return this.#options.clock.now() > issuedMs + REFRESH_AFTER * (untilMs - issuedMs);
  }

  #name(subject: string): string {
    return `${this.#prefix}-${subject.replaceAll('/', '-').toLowerCase()}`;
  }
}
