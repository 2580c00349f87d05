import { entriesOf, type TableEntry } from './case.ts';
import { CHAIN_CASES } from './intel/chain-cases.ts';
import { COLLATERAL_CASES } from './intel/collateral-cases.ts';
import { QUOTE_CASES } from './intel/quote-cases.ts';
import { mintIntel } from './intel/recipe.ts';
import { REVOCATION_CASES } from './intel/revocation-cases.ts';

/** Every kind of bad evidence, each beside its twin. */
export const TABLE: readonly TableEntry[] = [
  ...entriesOf('Intel chain', CHAIN_CASES, {}, mintIntel),
  ...entriesOf('Intel revocation', REVOCATION_CASES, {}, mintIntel),
  ...entriesOf('Intel collateral', COLLATERAL_CASES, {}, mintIntel),
  ...entriesOf('Intel quote', QUOTE_CASES, {}, mintIntel),
];
