import { type ErrorCode, PerigeeError } from '@perigee/wire';

/** What CometBFT writes when its consensus has stopped for good, though its process goes on. */
const CONSENSUS_STOPPED = 'CONSENSUS FAILURE!!!';
/** The same of one that was to begin from a snapshot, and waits for nothing from then on. */
const SYNC_STOPPED: readonly string[] = [
  'State sync failed',
  'Failed to bootstrap node with new state',
  'Failed to store last seen commit',
  'Failed to switch to block sync',
];

/** A line of its log in parts; `undefined` for one that is no JSON. */
function logLine(line: string): { readonly message: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && '_msg' in value ? { message: value._msg } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a line of its log says that it has stopped for good. Only its message counts: the rest of a line quotes what other nodes
 * send, and they must not be able to end this one by a word.
 */
export function saysStopped(line: string): boolean {
  const message = logLine(line)?.message;
  return message === CONSENSUS_STOPPED || SYNC_STOPPED.some((words) => words === message);
}

interface Reason {
  readonly words: RegExp;
  readonly code: ErrorCode;
  readonly remedy: string;
}

/** Why CometBFT ends, as it tells in words alone, and what to do. */
const REASONS: readonly Reason[] = [
  { words: /address already in use/, code: 'UNREACHABLE', remedy: 'end the program that has the address, or choose another' },
  {
    words: /cannot assign requested address|bind: permission denied|no such host/,
    code: 'UNREACHABLE',
    remedy: 'choose an address of this machine',
  },
  {
    words: /resource temporarily unavailable/,
    code: 'STORE_LOCKED',
    remedy: 'another CometBFT uses this home: end it, or name another home',
  },
  { words: /no space left on device/, code: 'STORE_FULL', remedy: 'free some room' },
  {
    words:
      /is higher than core|too far below block store base|AppHash does not match AppHash after replay|StateBlockHeight \(\d+\) > |StoreBlockHeight \(\d+\) > /,
    code: 'STORE_CORRUPT',
    remedy: "the state and CometBFT's blocks are not of one run: restore both from one copy, or begin with an empty home",
  },
  { words: /error in genesis doc/, code: 'GENESIS', remedy: 'make the genesis anew' },
  { words: /error in config file|invalid config/, code: 'INVALID_ARGUMENT', remedy: 'check the addresses that it was given' },
  {
    words: new RegExp(SYNC_STOPPED.join('|')),
    code: 'BLOCK',
    remedy: 'begin with an empty home, or from the snapshot of other nodes',
  },
  { words: new RegExp(CONSENSUS_STOPPED), code: 'BLOCK', remedy: 'its log says why' },
];

/** Starting it again changes nothing about these. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['STORE_CORRUPT', 'GENESIS', 'INVALID_ARGUMENT']);

const MAX_WORDS = 300;

/** What ended a CometBFT, by the last lines that it wrote. @param how it ended, such as `exit code 1` */
export function lastWords(lines: readonly string[], how: string): PerigeeError {
  const spoken = lines.filter((line) => line.trim() !== '' && !line.includes('"level":"info"'));
  // what it says of itself: all that is no line of its log, and the one that says why it stopped; others quote strangers
  const own = spoken.filter((line) => saysStopped(line) || logLine(line) === undefined);
  for (const { words, code, remedy } of REASONS) {
    const line = own.findLast((candidate) => words.test(candidate));
    if (line !== undefined) return new PerigeeError(code, `CometBFT ended with ${how}: ${around(line, words)}; ${remedy}`);
  }
  const last = spoken.find((line) => line.startsWith('panic:')) ?? spoken.at(-1) ?? 'it said nothing';
  return new PerigeeError('INTERNAL', `CometBFT ended with ${how}: ${last.slice(0, MAX_WORDS)}`);
}

export function isFinal({ code }: PerigeeError): boolean {
  return FINAL.has(code);
}

/** A line may carry a stack of thousands of characters. */
function around(line: string, words: RegExp): string {
  const at = words.exec(line)?.index ?? 0;
  return line.slice(Math.max(0, at - MAX_WORDS / 2), at + MAX_WORDS / 2);
}
