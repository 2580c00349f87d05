import type { HeaderAnswer } from '@perigee/wire';
import type { VerifiedLightBlock } from '../../src/comet/index.ts';
import type { VerifyEd25519 } from '../../src/signature/index.ts';
import { trust, verifyNext } from './asserts.ts';
import { makeChain, testValidators } from './chain.ts';

/** A chain of 100 validators of equal power, ready to be measured or counted. */
export interface HundredValidators {
  readonly trusted: VerifiedLightBlock;
  /** Verifies the next header: 67 signatures. */
  adjacent(verifyEd25519: VerifyEd25519): Promise<VerifiedLightBlock>;
  /** Verifies the header after the next, counting the power of two sets: 67 signatures still. */
  skipping(verifyEd25519: VerifyEd25519): Promise<VerifiedLightBlock>;
}

export async function hundredValidators(): Promise<HundredValidators> {
  const validators = testValidators('hundred', new Array<number>(100).fill(7));
  const [first, second, third] = makeChain(3, () => validators) as [HeaderAnswer, HeaderAnswer, HeaderAnswer];
  const trusted = await trust(first);
  return {
    trusted,
    adjacent: (verifyEd25519) => verifyNext(trusted, second, { verifyEd25519 }),
    skipping: (verifyEd25519) => verifyNext(trusted, third, { verifyEd25519 }),
  };
}
