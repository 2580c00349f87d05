import { MAX_SITES } from '@perigee/wire';

const KEY = 'perigee/sites';
const VERSION = 1;

export type Decision = 'allowed' | 'denied';

/** What a person said of a site. */
export interface SiteEntry {
  readonly origin: string;
  readonly decision: Decision;
  /** When, milliseconds since 1970. */
  readonly atMs: number;
}

/** The origin of a site as a browser writes it, where it is one that can be told from others. */
export function originOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === text ? text : undefined;
}

/** Which sites may ask. What cannot be read, or was written by a later release, allows nobody. */
export class SiteBook {
  readonly #storage: () => Pick<Storage, 'getItem' | 'setItem'>;
  readonly #now: () => number;

  constructor(storage: () => Pick<Storage, 'getItem' | 'setItem'>, now: () => number) {
    this.#storage = storage;
    this.#now = now;
  }

  /** Newest decision first. */
  list(): readonly SiteEntry[] {
    const kept = this.#read();
    return kept === 'newer' ? [] : kept;
  }

  /** @returns what was decided; `undefined` when a person is to be asked */
  decisionOf(origin: string): Decision | undefined {
    const kept = this.#read();
    return kept === 'newer' ? 'denied' : kept.find((entry) => entry.origin === origin)?.decision;
  }

  decide(origin: string, decision: Decision): void {
    this.#write([{ origin, decision, atMs: this.#now() }, ...this.#others(origin)]);
  }

  forget(origin: string): void {
    this.#write(this.#others(origin));
  }

  #others(origin: string): readonly SiteEntry[] {
    return this.list().filter((entry) => entry.origin !== origin);
  }

  #write(sites: readonly SiteEntry[]): void {
    if (this.#read() === 'newer') return; // what a later release keeps is not ours to lose
    this.#storage().setItem(KEY, JSON.stringify({ version: VERSION, sites: sites.slice(0, MAX_SITES) }));
  }

  #read(): readonly SiteEntry[] | 'newer' {
    try {
      const kept: unknown = JSON.parse(this.#storage().getItem(KEY) ?? 'null');
      const { version, sites } = (kept ?? {}) as { readonly version?: unknown; readonly sites?: unknown };
      if (typeof version === 'number' && version > VERSION) return 'newer';
      return version === VERSION && Array.isArray(sites) ? sites.filter(isEntry).slice(0, MAX_SITES) : [];
    } catch {
      return [];
    }
  }
}

function isEntry(value: unknown): value is SiteEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { origin, decision, atMs } = value as Readonly<Record<string, unknown>>;
  return (
    typeof origin === 'string' &&
    originOf(origin) === origin &&
    (decision === 'allowed' || decision === 'denied') &&
    typeof atMs === 'number'
  );
}
