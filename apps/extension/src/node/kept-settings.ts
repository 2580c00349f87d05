import { PerigeeError } from '@perigee/wire';
import type { ChainChoice } from '../chain-choice.ts';

const KEY = 'perigee/settings';
const VERSION = 1;

/** What a person set, and what came of it. */
export interface Settings {
  readonly paused: boolean;
  /** `undefined` for the chain that came with the extension. */
  readonly choice: ChainChoice | undefined;
}

const DEFAULTS: Settings = { paused: false, choice: undefined };

/** Where it is not known what a person chose, the node rests: it follows nothing in place of that. */
const UNKNOWN: Settings = { paused: true, choice: undefined };

/** @param storage throws where it is blocked */
export function readSettings(storage: () => Pick<Storage, 'getItem'>): Settings {
  let text: string | null;
  try {
    text = storage().getItem(KEY);
  } catch {
    return DEFAULTS; // nothing is ever kept here
  }
  if (text === null) return DEFAULTS;
  try {
    const { version, paused, choice } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (version !== VERSION || (choice !== undefined && !isChoice(choice))) return UNKNOWN;
    return { paused: paused === true, choice };
  } catch {
    return UNKNOWN;
  }
}

/** @throws STORE_VERSION where a later release wrote others: they are not ours to lose; what `storage` throws */
export function writeSettings(storage: () => Pick<Storage, 'getItem' | 'setItem'>, settings: Settings): void {
  if (isNewer(storage)) {
    throw new PerigeeError(
      'STORE_VERSION',
      'a newer release of the extension keeps its settings here; update this one to change them',
    );
  }
  storage().setItem(KEY, JSON.stringify({ version: VERSION, ...settings }));
}

function isNewer(storage: () => Pick<Storage, 'getItem'>): boolean {
  try {
    const kept = JSON.parse(storage().getItem(KEY) ?? 'null') as { readonly version?: unknown } | null;
    return typeof kept?.version === 'number' && kept.version > VERSION;
  } catch {
    return false; // what is no settings may be replaced
  }
}

/** That it has the form; what it says is read as strictly as when it was chosen. */
function isChoice(value: unknown): value is ChainChoice {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, text, trust, peers } = value as Readonly<Record<string, unknown>>;
  if (kind === 'file') return typeof text === 'string';
  return kind === 'link' && typeof trust === 'string' && Array.isArray(peers) && peers.every((peer) => typeof peer === 'string');
}
