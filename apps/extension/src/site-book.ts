import { MAX_SITES } from '@perigee/wire';

const KEY = 'perigee/sites';
const VERSION = 1;

export type Decision = 'allowed' | 'denied';

/** What a site wants: answers about what it names, or to see all that the node shows, as a page of Perigee does in place of its own. */
export type Access = 'answers' | 'node';

/** What a person said of a site. */
export interface SiteEntry {
  readonly origin: string;
  readonly decision: Decision;
  /** Whether it may see the whole node; left out until that was decided, and unknown to earlier releases. */
  readonly node?: boolean;
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
  decisionOf(origin: string, access: Access = 'answers'): Decision | undefined {
    const kept = this.#read();
    if (kept === 'newer') return 'denied';
    const entry = kept.find((each) => each.origin === origin);
    if (entry === undefined || entry.decision === 'denied' || access === 'answers') return entry?.decision;
    return entry.node === undefined ? undefined : entry.node ? 'allowed' : 'denied';
  }

  /** Who may see the node may ask too. Who may not see it asks as before; where nothing was decided before, it may not ask either, or it could be asked about without end. */
  decide(origin: string, decision: Decision, access: Access = 'answers'): void {
    const others = this.#others(origin);
    const atMs = this.#now();
    if (access === 'answers') this.#write([{ origin, decision, atMs }, ...others]);
    else if (decision === 'allowed') this.#write([{ origin, decision, node: true, atMs }, ...others]);
    else this.#write([{ origin, decision: this.decisionOf(origin) ?? decision, node: false, atMs }, ...others]);
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
  const { origin, decision, node, atMs } = value as Readonly<Record<string, unknown>>;
  return (
    typeof origin === 'string' &&
    originOf(origin) === origin &&
    (decision === 'allowed' || decision === 'denied') &&
    (node === undefined || typeof node === 'boolean') &&
    typeof atMs === 'number'
  );
}
