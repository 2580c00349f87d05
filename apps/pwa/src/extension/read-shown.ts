import { type LightNodeState, SHOWN_STATE_VERSION } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';

/** What the extension shows of its node. */
export interface Shown {
  /** Names this snapshot, for the next question. */
  readonly tag: string;
  /** `undefined` where nothing has changed since. */
  readonly state: LightNodeState | undefined;
}

const PHASES: readonly unknown[] = ['starting', 'connecting', 'verifying', 'live', 'stopped', 'failed'];
const LISTS = ['headers', 'peers', 'blobs', 'boot', 'events', 'evidence'] as const;
const NUMBERS = ['rowsVerified', 'bytesIn', 'bytesOut'] as const;

/**
 * Reads what the extension answers to `perigee_node`.
 *
 * @param chain hash of the genesis that this page follows, hexadecimal
 * @throws UNKNOWN_VERSION, PARSE; WRONG_CHAIN while it follows another chain
 */
export function readShown(answer: unknown, chain: string): Shown {
  const { version, tag, state } = fieldsOf(answer);
  if (version !== SHOWN_STATE_VERSION) {
    const text = `the extension shows its node in version ${String(version)}, and this page knows ${SHOWN_STATE_VERSION}; update the older of the two`;
    throw new PerigeeError('UNKNOWN_VERSION', text);
  }
  if (typeof tag !== 'string') throw wrong('it has no name');
  if (state === null) return { tag, state: undefined };
  const fields = fieldsOf(state);
  if (!PHASES.includes(fields.phase)) throw wrong('it has no phase');
  for (const name of LISTS) if (!isListOfObjects(fields[name])) throw wrong(`${name} is no list`);
  for (const name of NUMBERS) if (typeof fields[name] !== 'number') throw wrong(`${name} is no number`);
  for (const blob of fields.blobs as readonly { readonly rows?: unknown }[]) {
    if (!isListOfObjects(blob.rows)) throw wrong('a blob has no rows');
  }
  const { throttledBy } = fieldsOf(fields.budgets);
  if (!Array.isArray(throttledBy)) throw wrong('it has no budgets');
  const { state: clock, offsetMs } = fieldsOf(fields.clock);
  if (typeof clock !== 'string' || typeof offsetMs !== 'number') throw wrong('it has no clock');
  if (fields.head !== undefined) {
    const { height, timeMs, sources } = fieldsOf(fields.head);
    if (typeof height !== 'number' || typeof timeMs !== 'number' || !Array.isArray(sources)) throw wrong('it has no head');
  }
  if ((fields.chain !== undefined || fields.head !== undefined) && fieldsOf(fields.chain).genesisHash !== chain) {
    throw new PerigeeError('WRONG_CHAIN', 'the extension follows another chain than this page');
  }
  return { tag, state: state as LightNodeState };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw wrong('a part is no object');
  return value as Readonly<Record<string, unknown>>;
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null);
}

function wrong(why: string): PerigeeError {
  return new PerigeeError('PARSE', `what the extension shows cannot be read: ${why}`);
}
