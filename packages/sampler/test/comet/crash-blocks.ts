import type { VerifiedLightBlock } from '@perigee/light-core/comet';
import { trust } from '../../../light-core/test/comet/asserts.ts';
import { makeBlock, type TestValidator, testValidators } from '../../../light-core/test/comet/chain.ts';

/** Few, so that each header that is kept drops another one, and now and then a set. */
export const MAX_HEADERS = 4;

const sets = Array.from({ length: 5 }, (_, i) => testValidators(`crash ${i}`, [10, 7]));
const setAt = (height: number): TestValidator[] => sets[Math.floor(height / 3) % sets.length] ?? [];

/** What the store of the crash test holds at each height; the set changes with every third. */
export function keptBlock(height: number): Promise<VerifiedLightBlock> {
  return trust(makeBlock({ height, validators: setAt(height), next: setAt(height + 1) }));
}
