import { toHex } from '@perigee/wire';
import { type AttestCode, refuse, unchecked } from './code.ts';

/**
 * Whether bytes are among those that a policy accepts.
 *
 * @param accepted hexadecimal in either case; `undefined` where the policy does not ask
 * @param what for the sentence, such as `launch measurement`
 * @returns a sentence
 * @throws refusal with `code`; `notChecked` NOT_ASKED
 */
export function oneOf(bytes: Uint8Array, accepted: readonly string[] | undefined, code: AttestCode, what: string): string {
  if (accepted === undefined) throw unchecked('NOT_ASKED', `The policy does not say what the ${what} must be.`);
  const found = toHex(bytes);
  const short = found.length > 32 ? `${found.slice(0, 32)}…` : found;
  if (!accepted.some((one) => one.toLowerCase() === found))
    throw refuse(code, `The ${what} ${short} is not one that the policy accepts.`);
  return `The ${what} is ${short}, as the policy has it.`;
}
