import type { Clock } from '@perigee/light-core/roles';
import { TokenBucket } from '@perigee/net';
import { type Budgets, type BudgetsView, checkBudgets } from './budgets.ts';
import { type DayCount, dayOf, restOfDay } from './day-count.ts';
import { RecentRate } from './recent-rate.ts';

const CPU_WINDOW_MS = 60_000;
const BYTES_WINDOW_MS = 10_000;

export interface BudgetKeeperOptions {
  readonly budgets: Budgets;
  /** Bytes that came and went so far, of whatever kind. */
  readonly bytes: () => number;
  /** Processor time that was used so far, milliseconds. */
  readonly cpuMs: () => number;
  readonly clock: Clock;
}

/** Counts what is used, and holds up samples that nobody asked for by hand while it is too much: they are what can wait. */
export class BudgetKeeper {
  readonly #options: BudgetKeeperOptions;
  readonly #cpuRate = new RecentRate(CPU_WINDOW_MS);
  readonly #byteRate = new RecentRate(BYTES_WINDOW_MS);
  readonly #wakes = new Set<() => void>();
  #caps: Budgets;
  /** A second's worth may come at once. */
  #byteBucket: TokenBucket | undefined;
  /** Milliseconds of processor time; a minute's worth may be used at once. */
  #cpuBucket: TokenBucket | undefined;
  #countedBytes: number;
  #countedCpuMs: number;
  #today: DayCount;

  /** @throws INVALID_ARGUMENT for a cap that lets nothing come */
  constructor(options: BudgetKeeperOptions) {
    const { budgets, bytes, cpuMs, clock } = options;
    this.#options = options;
    this.#countedBytes = bytes();
    this.#countedCpuMs = cpuMs();
    this.#today = { day: dayOf(clock.now()), bytes: 0 };
    this.#caps = checkBudgets(budgets);
    this.#fill({});
  }

  /** Other caps from now on; what waits looks again. @throws INVALID_ARGUMENT, and the caps stay as they were */
  set(budgets: Budgets): void {
    const caps = checkBudgets(budgets);
    this.#count();
    const before = this.#caps;
    this.#caps = caps;
    this.#fill(before);
    for (const wake of [...this.#wakes]) wake();
  }

  get caps(): Budgets {
    return this.#caps;
  }

  get today(): DayCount {
    this.#count();
    return this.#today;
  }

  /** Adds what an earlier run used; of another day it is nothing. */
  resume({ day, bytes }: DayCount): void {
    this.#count();
    if (day === this.#today.day) this.#today = { day, bytes: this.#today.bytes + bytes };
  }

  view(): BudgetsView {
    this.#count();
    const owed = this.#owed();
    const longest = Math.max(0, ...owed.map(([, ms]) => ms));
    return {
      caps: this.#caps,
      cpuShare: this.#cpuRate.perMs,
      bytesPerSecond: this.#byteRate.perMs * 1_000,
      bytesToday: this.#today.bytes,
      throttledBy: owed.map(([name]) => name),
      resumesAtMs: longest === 0 ? undefined : this.#options.clock.now() + longest,
    };
  }

  /** Resolves when the next sample may begin. @throws ABORTED */
  async pass(signal: AbortSignal): Promise<void> {
    for (;;) {
      this.#count();
      const longest = Math.max(0, ...this.#owed().map(([, ms]) => ms));
      if (longest === 0) return;
      await this.#sleep(longest, signal);
    }
  }

  /** What is over its cap, and for how long, milliseconds. */
  #owed(): [name: keyof Budgets, ms: number][] {
    const { bytesPerDay = Number.POSITIVE_INFINITY } = this.#caps;
    const owed: [keyof Budgets, number][] = [
      ['cpuShare', this.#cpuBucket?.owedMs() ?? 0],
      ['bytesPerSecond', this.#byteBucket?.owedMs() ?? 0],
      ['bytesPerDay', this.#today.bytes >= bytesPerDay ? restOfDay(this.#options.clock.now()) : 0],
    ];
    return owed.filter(([, ms]) => ms > 0);
  }

  #count(): void {
    const { clock, bytes, cpuMs } = this.#options;
    const now = clock.now();
    const [allBytes, allCpuMs] = [bytes(), cpuMs()];
    const newBytes = Math.max(0, allBytes - this.#countedBytes);
    this.#byteBucket?.spend(newBytes);
    this.#cpuBucket?.spend(Math.max(0, allCpuMs - this.#countedCpuMs));
    this.#countedBytes = allBytes;
    this.#countedCpuMs = allCpuMs;
    const day = dayOf(now);
    this.#today = { day, bytes: newBytes + (day === this.#today.day ? this.#today.bytes : 0) };
    this.#byteRate.look(now, allBytes);
    this.#cpuRate.look(now, allCpuMs);
  }

  /** What is over a cap that stays as it was is still owed: pages set their caps again whenever they are hidden or seen. */
  #fill(before: Budgets): void {
    const { clock } = this.#options;
    const { cpuShare, bytesPerSecond } = this.#caps;
    if (bytesPerSecond !== before.bytesPerSecond)
      this.#byteBucket = bytesPerSecond === undefined ? undefined : new TokenBucket(clock, bytesPerSecond, bytesPerSecond);
    if (cpuShare === before.cpuShare) return;
    this.#cpuBucket = cpuShare === undefined ? undefined : new TokenBucket(clock, cpuShare * 1_000, cpuShare * CPU_WINDOW_MS);
  }

  /** Ends sooner when the caps change. @throws ABORTED */
  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    // by hand, because Node keeps what AbortSignal.any makes for as long as the signal that it was made of
    const wake = (): void => changed.abort();
    signal.addEventListener('abort', wake, { once: true });
    this.#wakes.add(wake);
    try {
      signal.throwIfAborted();
      await this.#options.clock.sleep(ms, changed.signal);
    } catch (error) {
      if (signal.aborted || !changed.signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', wake);
      this.#wakes.delete(wake);
    }
  }
}
