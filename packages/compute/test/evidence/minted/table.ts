import { AMD_CASES } from './amd/cases.ts';
import { mintAmd } from './amd/recipe.ts';
import { entriesOf, type TableEntry } from './case.ts';
import { CHAIN_CASES } from './intel/chain-cases.ts';
import { COLLATERAL_CASES } from './intel/collateral-cases.ts';
import { QUOTE_CASES } from './intel/quote-cases.ts';
import { mintIntel } from './intel/recipe.ts';
import { REVOCATION_CASES } from './intel/revocation-cases.ts';
import { NITRO_CASES } from './nitro/cases.ts';
import { mintNitro } from './nitro/recipe.ts';
import { GPU_CASES } from './nvidia/cases.ts';
import { mintGpu } from './nvidia/recipe.ts';

/** Every kind of bad evidence, each beside its twin. */
export const TABLE: readonly TableEntry[] = [
  ...entriesOf('Intel chain', CHAIN_CASES, {}, mintIntel),
  ...entriesOf('Intel revocation', REVOCATION_CASES, {}, mintIntel),
  ...entriesOf('Intel collateral', COLLATERAL_CASES, {}, mintIntel),
  ...entriesOf('Intel quote', QUOTE_CASES, {}, mintIntel),
  ...entriesOf('AMD', AMD_CASES, {}, mintAmd),
  ...entriesOf('NVIDIA', GPU_CASES, {}, mintGpu),
  ...entriesOf('Nitro', NITRO_CASES, {}, mintNitro),
];
