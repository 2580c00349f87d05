/** The result of looking at evidence: a list of named checks, each with a verdict and a sentence, and how far they carry (PROTOCOL §9). */
import { PerigeeError } from '@perigee/wire';
import type { AttestCode } from './code.ts';

export type Verdict = 'pass' | 'fail' | 'notChecked';

/** How far evidence carries, each including the ones before: the chip is real, it runs this code, with this model, on this GPU, and made this content. */
export const LABELS = ['none', 'hardware', 'code', 'model', 'gpu', 'content'] as const;
export type Label = (typeof LABELS)[number];
/** What a check speaks of. */
export type Level = Exclude<Label, 'none'>;

export interface Check<Name extends string = string> {
  /** Of the platform's closed set. */
  readonly name: Name;
  readonly level: Level;
  /** A report passes only if all of these pass. What the policy does not ask for is not required, and caps the label all the same. */
  readonly required: boolean;
  readonly verdict: Verdict;
  /** One sentence for people: what was found, or what is wrong. */
  readonly reason: string;
  /** For programs; there is none with `pass`. */
  readonly code?: AttestCode;
}

/** The checks of a platform in the order in which they are shown, and what each speaks of. */
export type CheckNames<Name extends string> = Readonly<Partial<Record<Name, Level>>>;

/** The checks of one piece of evidence while they are made. A check that nobody has made is `notChecked`: nothing passes by being left out. */
export class CheckList<Name extends string> {
  readonly #names: CheckNames<Name>;
  readonly #made = new Map<Name, Check<Name>>();
  readonly #optional: ReadonlySet<Name>;

  /** @param optional names that the caller's policy does not ask for */
  constructor(names: CheckNames<Name>, optional: Iterable<Name> = []) {
    this.#names = names;
    this.#optional = new Set(optional);
  }

  /**
   * Makes a check.
   *
   * @param look gives a sentence about what it verified, and what it verified if others build on that; throws `refuse(…)` or `unchecked(…)`
   * @returns what `look` verified, `undefined` if the check did not pass: what builds on it must say `depends(…)`
   */
  async run<T = never>(name: Name, look: () => Found<T> | Promise<Found<T>>): Promise<T | undefined> {
    try {
      const found = await look();
      if (typeof found === 'string') {
        this.#set(name, 'pass', found);
        return undefined;
      }
      this.#set(name, 'pass', found.reason);
      return found.value;
    } catch (error) {
      this.#set(name, ...judged(error));
      return undefined;
    }
  }

  /** All checks of the platform. */
  all(): readonly Check<Name>[] {
    return (Object.keys(this.#names) as Name[]).map((name) => {
      const made = this.#made.get(name);
      return made ?? this.#check(name, 'notChecked', 'an earlier check failed, so there was nothing to look at', 'DEPENDS');
    });
  }

  #set(name: Name, verdict: Verdict, reason: string, code?: AttestCode): void {
    if (this.#made.has(name)) throw new PerigeeError('INTERNAL', `check ${name} was made twice`);
    this.#made.set(name, this.#check(name, verdict, reason, code));
  }

  #check(name: Name, verdict: Verdict, reason: string, code?: AttestCode): Check<Name> {
    const level = this.#names[name];
    if (level === undefined) throw new PerigeeError('INTERNAL', `check ${name} is none of this platform's`);
    const check = { name, level, required: !this.#optional.has(name), verdict, reason: sentence(reason) };
    return code === undefined ? check : { ...check, code };
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}

/** A sentence, and what was verified where others build on it. */
export type Found<T> = string | { readonly reason: string; readonly value: T };

/** What a thrown thing means for a check. A fault of ours is a failure too: evidence that trips it must not pass. */
function judged(error: unknown): [verdict: Verdict, reason: string, code: AttestCode] {
  const { code, message, data } = PerigeeError.from(error);
  if (code !== 'ATTESTATION') return ['fail', `The check could not be finished: ${message}`, 'INTERNAL'];
  return [data?.verdict === 'notChecked' ? 'notChecked' : 'fail', message, data?.check as AttestCode];
}

/** `pass` only if there are checks and every required one passed. */
export function overallOf(checks: readonly Check[]): 'pass' | 'fail' {
  const required = checks.filter((check) => check.required);
  return required.length > 0 && required.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'fail';
}

/**
 * How far evidence carries beside checks of what it vouches for, such as a guest's log: they raise nothing, for nobody has named what they must find, and one
 * that did not pass caps it all the same.
 */
export function capLabel(label: Label, checks: readonly Check[]): Label {
  const open = checks.filter(({ verdict }) => verdict !== 'pass').map(({ level }) => LABELS.indexOf(level) - 1);
  return LABELS[Math.min(LABELS.indexOf(label), ...open)] as Label;
}

/**
 * How far checks carry: the highest label up to which there are checks of every level and all of them passed. One that failed or was not made caps it,
 * required or not; nothing carries at all where the whole does not pass.
 */
export function labelOf(checks: readonly Check[]): Label {
  let label: Label = 'none';
  if (overallOf(checks) === 'fail') return label;
  for (const level of LABELS.slice(1)) {
    const ofLevel = checks.filter((check) => check.level === level);
    if (ofLevel.length === 0 || ofLevel.some(({ verdict }) => verdict !== 'pass')) break;
    label = level;
  }
  return label;
}
