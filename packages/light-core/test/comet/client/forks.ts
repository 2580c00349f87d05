/** Chains that part: what attackers with keys of a third of the power and more can make. */
import type { HeaderAnswer } from '@perigee/wire';
import { commitOf } from '../asserts.ts';
import { type BlockPlan, makeBlock, makeChain, START, type TestValidator, testValidators } from '../chain.ts';

/** Power falling, so that places are known: the first has exactly a third, the first two more than half. */
export const VALIDATORS = testValidators('forks', [30, 20, 15, 15, 5, 5]);
export const HEIGHT = 12;
/** Last block that both sides have. */
export const COMMON = 5;

/** Blocks 1 to HEIGHT; of the last one the validator at place 5 did not vote. */
export function honestChain(): HeaderAnswer[] {
  const chain = makeChain(HEIGHT - 1, () => VALIDATORS);
  return [...chain, honestHead(chain.at(-1))];
}

function honestHead(previous: HeaderAnswer | undefined, plan: Partial<BlockPlan> = {}): HeaderAnswer {
  return makeBlock({ height: HEIGHT, validators: VALIDATORS, previous, flag: (i) => (i === 5 ? 'absent' : 'commit'), ...plan });
}

/**
 * Whoever has more than a third of the power makes up a block with a set of its own, and signs it: a light client that skips to it is deceived.
 *
 * @param who of VALIDATORS
 */
export function lunatic(chain: readonly HeaderAnswer[], who: readonly TestValidator[]): HeaderAnswer[] {
  const block = makeBlock({ height: HEIGHT, validators: who, header: { appHash: new Uint8Array(32).fill(0x66) } });
  return [...chain.slice(0, COMMON), block];
}

/** Validators at places 0 to 3 and 5 sign a second block, rightly derived, of the same round. */
export function equivocation(chain: readonly HeaderAnswer[]): HeaderAnswer[] {
  return [...chain.slice(0, -1), other(chain, {})];
}

/** The same in the round after. */
export function amnesia(chain: readonly HeaderAnswer[]): HeaderAnswer[] {
  return [...chain.slice(0, -1), other(chain, { round: 1 })];
}

function other(chain: readonly HeaderAnswer[], plan: Partial<BlockPlan>): HeaderAnswer {
  const header = { dataHash: new Uint8Array(32).fill(0x77) };
  return honestHead(chain.at(-2), { flag: (i) => (i === 4 ? 'absent' : 'commit'), header, ...plan });
}

/** A block far above the chain's head that is not later than it. */
export function forwardLunatic(chain: readonly HeaderAnswer[], who: readonly TestValidator[]): HeaderAnswer[] {
  const header = { appHash: new Uint8Array(32).fill(0x66), time: { seconds: START.seconds + 50, nanos: 0 } };
  return [...chain.slice(0, COMMON), makeBlock({ height: 1_000, validators: who, header })];
}

/** A wrong signature where there is one too many: whoever stops at two thirds does not see it. */
export function withWrongLastSignature(block: HeaderAnswer): HeaderAnswer {
  const changed = structuredClone(block);
  const last = commitOf(changed).signatures.findLast(({ signature }) => signature.length > 0);
  if (last !== undefined) last.signature[9] = (last.signature[9] ?? 0) ^ 1;
  return changed;
}
