import type { BlobView, ClockView, Confidence } from '@perigee/sampler';
import { toHex } from '@perigee/wire';

/** The local clock against the chain. */
export function clockText({ state, offsetMs }: ClockView): string {
  if (state === 'unknown') return 'not compared yet';
  return state === 'ok' ? 'agrees with the chain' : `${Math.round(offsetMs / 1_000)} s ${state}: set the clock of this machine`;
}

/** A namespace as text when every byte of it is a visible ASCII character, else its hexadecimal digits. */
export function namespaceText(namespace: Uint8Array): string {
  const isVisible = namespace.length > 0 && namespace.every((code) => code > 0x20 && code < 0x7f);
  return isVisible ? `"${String.fromCharCode(...namespace)}"` : toHex(namespace);
}

/** The two confidences of a blob, apart as they must be. */
export function confidenceLines(confidence: Confidence | undefined): string[] {
  if (confidence === undefined) return [];
  const { drawn, verified, rounds, target, availabilityBits, encodingBits } = confidence;
  return [
    `available ${availabilityBits.toFixed(1)} of ${target} bits, from ${verified} of ${drawn} rows in ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    `encoding  ${encodingBits.toFixed(1)} bits`,
  ];
}

/** What sampling came to, for people. */
export function outcomeText({ outcome, verified, rows, operators }: BlobView): string {
  const from = `${verified} of ${rows.length} rows verified, from ${operators} committee ${operators === 1 ? 'key' : 'keys'}`;
  switch (outcome) {
    case 'available':
      return `available: ${from}`;
    case 'unavailable':
      return `unavailable: ${from}`;
    case 'badEncoding':
      return 'bad encoding: its signers certified what is no codeword';
    case 'expired':
      return 'expired: nobody owes its rows any more';
    case 'inconclusive':
      return `inconclusive: ${from}; "perigee get" decides`;
    default:
      return `not finished: ${from}`;
  }
}
