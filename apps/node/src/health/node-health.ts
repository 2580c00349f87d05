import type { DaNode } from '@perigee/da/node';
import type { Clock, VerifiedState } from '@perigee/light-core/roles';
import type { Host } from '@perigee/net';
import type { Relay } from '@perigee/net/relay';
import type { StorageNode } from '@perigee/storage/node';
import { CURRENT_WITHIN_MS, type ErrorCode, type PerigeeError } from '@perigee/wire';
import { gauge, type HealthChecks, type MonitorFigure, total } from './monitor.ts';

/** A chain that makes no block for so many of its intervals stands still. */
const STALLED_INTERVALS = 10;
/** A store that failed is called failing for this long after, milliseconds. */
const FAULT_MS = 60_000;

export interface NodeHealthOptions {
  readonly host: Host;
  readonly state: VerifiedState;
  readonly clock: Clock;
  /** Time between blocks, milliseconds. */
  readonly blockMs: number;
  readonly da: DaNode | undefined;
  readonly storage: StorageNode | undefined;
  readonly relay: Relay | undefined;
}

/** What a node knows of its own state of health. */
export class NodeHealth {
  readonly #options: NodeHealthOptions;
  readonly #faults = new Map<ErrorCode, number>();
  #headAt: number;
  #storeFault: { readonly atMs: number; readonly words: string } | undefined;
  readonly stop: () => void;

  constructor(options: NodeHealthOptions) {
    this.#options = options;
    this.#headAt = options.clock.now();
    this.stop = options.state.onHead(() => {
      this.#headAt = options.clock.now();
    });
  }

  /** Notes a failure that no peer is told of. */
  fault(error: PerigeeError): void {
    this.#faults.set(error.code, (this.#faults.get(error.code) ?? 0) + 1);
    if (error.code.startsWith('STORE_')) this.#storeFault = { atMs: this.#options.clock.now(), words: error.message };
  }

  checks(): HealthChecks {
    const { clock, state, blockMs, da, storage } = this.#options;
    const patience = Math.max(CURRENT_WITHIN_MS, STALLED_INTERVALS * blockMs);
    return {
      chain: () => {
        const silent = clock.now() - this.#headAt;
        if (state.head() === undefined) return 'no header is verified yet';
        return silent > patience ? `no new block for ${Math.round(silent / 1_000)} s` : undefined;
      },
      ...(da === undefined && storage === undefined
        ? {}
        : {
            store: () => {
              const fault = this.#storeFault;
              return fault !== undefined && clock.now() - fault.atMs < FAULT_MS ? fault.words : undefined;
            },
          }),
    };
  }

  figures(): MonitorFigure[] {
    const { host, state, clock, da, storage, relay } = this.#options;
    const count = (direction: 'inbound' | 'outbound') =>
      host.connections().filter((connection) => connection.direction === direction).length;
    return [
      gauge('head_height', 'Height of the latest header.', () => state.head()?.height),
      gauge('head_age_seconds', 'Age of the latest header by the local clock.', () => {
        const head = state.head();
        return head && (clock.now() - head.timeMs) / 1_000;
      }),
      gauge(
        'connections',
        'Open connections.',
        () => (['inbound', 'outbound'] as const).map((direction) => [direction, count(direction)] as const),
        'direction',
      ),
      { name: 'perigee_faults_total', help: 'Failures by code.', kind: 'counter', label: 'code', read: () => this.#faults },
      ...(da === undefined
        ? []
        : [
            gauge('da_stored_bytes', 'Bytes of rows on disk.', () => da.stats().storedBytes),
            gauge('da_budget_bytes', 'Bytes of rows that may be on disk.', () => da.stats().budgetBytes),
            gauge('da_open_uploads', 'Uploads that are open.', () => da.stats().openUploads),
            total('da_served_bytes', 'Bytes of rows that were given.', () => da.stats().servedBytes),
          ]),
      ...(relay === undefined
        ? []
        : [
            gauge('relay_reservations', 'Places at the relay that are taken.', () => relay.figures.reservations),
            total('relay_introductions', 'Pages that were introduced to each other.', () => relay.figures.introductions),
            total('relay_refused', 'Reservations and introductions over a limit.', () => relay.figures.refused),
          ]),
      ...(storage === undefined
        ? []
        : [
            gauge('storage_stored_bytes', 'Bytes of segments on disk.', () => storage.stats().storedBytes),
            gauge('storage_budget_bytes', 'Bytes of segments that may be on disk.', () => storage.stats().budgetBytes),
            gauge('storage_open_uploads', 'Uploads of files that are open.', () => storage.stats().openUploads),
            gauge('storage_waiting_bytes', 'Bytes of files that wait for their submission.', () => storage.stats().waitingBytes),
            gauge('storage_next_submission', 'Submissions that were looked at.', () => storage.stats().nextTxSeq),
          ]),
    ];
  }
}
