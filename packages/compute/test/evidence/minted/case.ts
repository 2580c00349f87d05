import type {
  AttestationReport,
  AttestCode,
  Collateral,
  EvidencePolicy,
  Floors,
  RootBytes,
  Verdict,
} from '@perigee/light-core/attest';

/** All that a verifier is given for one piece of evidence. */
export interface Minted {
  readonly bytes: Uint8Array;
  readonly collateral: Collateral;
  readonly policy: EvidencePolicy;
  readonly roots: RootBytes;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Made of what was seen in the twin. */
  readonly floors?: (seen: Floors) => Floors;
}

/**
 * Evidence that must be refused, beside the nearest that must pass. Both are minted from a recipe: everything but what is named is alike, and what is
 * bad is properly signed wherever a signature is not what it is about.
 */
export interface BadCase<Recipe> {
  readonly name: string;
  /** Changes of the valid recipe that give the twin; none by default. */
  readonly twin?: Recipe;
  readonly bad: Recipe;
  /** Of the check that must find it. */
  readonly check: string;
  readonly code: AttestCode;
  /** `fail` by default. */
  readonly verdict?: Exclude<Verdict, 'pass'>;
}

/** A case of any platform, ready to be minted. */
export interface TableEntry {
  readonly name: string;
  readonly check: string;
  readonly code: AttestCode;
  readonly verdict: Verdict;
  twin(): Minted;
  bad(): Minted;
}

export function entriesOf<Recipe>(
  platform: string,
  cases: readonly BadCase<Recipe>[],
  base: Recipe,
  mint: (recipe: Recipe) => Minted,
): TableEntry[] {
  const plain = (): Minted => mint(base); // one for all that need no other twin
  return cases.map(({ name, twin, bad, check, code, verdict = 'fail' }) => ({
    name: `${platform}: ${name}`,
    check,
    code,
    verdict,
    twin: twin === undefined ? plain : () => mint({ ...base, ...twin }),
    bad: () => mint({ ...base, ...twin, ...bad }),
  }));
}

/** What two verifiers must agree on. */
export function verdictsOf({ checks }: AttestationReport): string[] {
  return checks.map(({ name, verdict, code }) => `${name} ${verdict} ${code ?? ''}`);
}
