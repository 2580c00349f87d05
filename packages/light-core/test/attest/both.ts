/** Each case by WebCrypto and by noble: they must say the same, word for word. */
import { isDeepStrictEqual } from 'node:util';

import {
  type AttestCrypto,
  type AttestSubtle,
  type Check,
  developmentRoots,
  type RootBytes,
  webCryptoAttest,
} from '@perigee/light-core/attest';
import { nobleAttest } from '@perigee/light-core/attest/noble';
import { expect } from 'vitest';
import type { Context, VerifyPlatform } from '../../src/attest/context.ts';
import type { PlatformResult } from '../../src/attest/report.ts';
import { NOW } from './mint/certificate.ts';
import { remembering } from './remembering.ts';

export const webCrypto: AttestCrypto = remembering(webCryptoAttest(globalThis.crypto.subtle as unknown as AttestSubtle));

const noble = remembering(nobleAttest);

export type Given<Policy> = Partial<Omit<Context<Policy>, 'roots' | 'crypto'>> & { readonly roots: RootBytes };

function contextOf<Policy>(given: Given<Policy>, crypto: AttestCrypto): Context<Policy> {
  const roots = developmentRoots({ development: true }, given.roots);
  return { collateral: {}, time: NOW, policy: undefined, floors: {}, ...given, roots, crypto };
}

/** By WebCrypto alone, where there are too many cases for both. */
export function fast<Policy, Claims>(
  verify: VerifyPlatform<Policy, Claims>,
  bytes: Uint8Array,
  given: Given<Policy>,
): Promise<PlatformResult<Claims>> {
  return verify(bytes, contextOf(given, webCrypto));
}

export async function both<Policy, Claims>(
  verify: VerifyPlatform<Policy, Claims>,
  bytes: Uint8Array,
  given: Given<Policy>,
): Promise<PlatformResult<Claims>> {
  const result = await fast(verify, bytes, given);
  const other = await verify(bytes, contextOf(given, noble));
  // the runner walks over bytes one by one, which takes longer than to verify them: it is asked to say what differs
  if (!isDeepStrictEqual(other, result)) expect(other).toEqual(result);
  return result;
}

export function checkOf(checks: readonly Check[], name: string): Check {
  const found = checks.find((check) => check.name === name);
  if (found === undefined) throw new Error(`there is no check ${name}`);
  return found;
}

/** The checks that did not pass, each as `name verdict CODE`. */
export function faults(checks: readonly Check[]): readonly string[] {
  return checks.filter(({ verdict }) => verdict !== 'pass').map(({ name, verdict, code }) => `${name} ${verdict} ${code}`);
}
