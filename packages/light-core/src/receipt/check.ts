/** The checks of a receipt by name: a closed set, each with a verdict and a sentence (docs/compute.md). */
import { PerigeeError } from '@perigee/wire';

/** In the order in which they are shown. */
export const RECEIPT_CHECKS = [
  'chain',
  'payer',
  'order',
  'request',
  'provider',
  'signature',
  'model',
  'evidence',
  'parameters',
  'sequence',
  'content',
  'usage',
  'fee',
  'final',
] as const;
export type ReceiptCheckName = (typeof RECEIPT_CHECKS)[number];

export interface ReceiptCheck {
  readonly name: ReceiptCheckName;
  readonly verdict: 'pass' | 'fail' | 'notChecked';
  /** One sentence for people: what was found, or what is wrong. */
  readonly reason: string;
}

/**
 * `pass`: every check was made and passed. `partial`: some could not be made, because there was nothing to compare with. `incomplete`: all that is there is
 * right, but the provider has not signed its end. `fail`: a check failed.
 */
export type ReceiptVerdict = 'pass' | 'partial' | 'incomplete' | 'fail';

/** A check that failed. `data.check` is its name. */
export function refuse(check: ReceiptCheckName, sentence: string): PerigeeError {
  return new PerigeeError('RECEIPT', sentence, { data: { check } });
}

/** The checks of one receipt while they are made: one that nobody has made is `notChecked`, and one that failed stays so. */
export class ReceiptChecks {
  readonly #made = new Map<ReceiptCheckName, ReceiptCheck>();

  /** Makes a check. @param look gives a sentence about what was found, or `undefined` where there is nothing to compare with; throws `refuse(…)` */
  async run(name: ReceiptCheckName, look: () => string | undefined | Promise<string | undefined>): Promise<void> {
    try {
      const reason = await look();
      if (reason !== undefined) this.#set(name, 'pass', reason);
    } catch (error) {
      this.#set(name, 'fail', PerigeeError.from(error).message);
    }
  }

  /** @param whyNot what there was nothing to compare with, by check */
  all(whyNot: Partial<Record<ReceiptCheckName, string>> = {}): readonly ReceiptCheck[] {
    return RECEIPT_CHECKS.map(
      (name) =>
        this.#made.get(name) ?? {
          name,
          verdict: 'notChecked',
          reason: sentence(whyNot[name] ?? 'there was nothing yet to look at'),
        },
    );
  }

  #set(name: ReceiptCheckName, verdict: 'pass' | 'fail', reason: string): void {
    if (this.#made.get(name)?.verdict === 'fail') return;
    this.#made.set(name, { name, verdict, reason: sentence(reason) });
  }
}

export function verdictOf(checks: readonly ReceiptCheck[]): ReceiptVerdict {
  const failed = checks.filter(({ verdict }) => verdict === 'fail');
  if (failed.some(({ name }) => name !== 'final')) return 'fail';
  if (failed.length > 0) return 'incomplete';
  return checks.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'partial';
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}
