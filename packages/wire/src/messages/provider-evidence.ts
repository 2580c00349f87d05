/** Evidence and collateral of a provider's registration on their way to whoever checks it: the chain keeps their hashes alone. */
import { MAX_REGISTERED_COLLATERAL_BYTES, MAX_REGISTERED_EVIDENCE_BYTES } from '../limits-compute-chain.ts';
import { bytes, fixedBytes, type Infer, message, optional } from '../proto/index.ts';

/** Names both as the registration does. */
export const ProviderEvidenceRequest = message('ProviderEvidenceRequest', {
  /** SHA-256 of the evidence. */
  evidenceId: [1, fixedBytes(32)],
  /** SHA-256 of the file of collateral. */
  collateralId: [2, fixedBytes(32)],
});
export type ProviderEvidenceRequest = Infer<typeof ProviderEvidenceRequest>;

/** Each is left out where the peer has it not. */
export const ProviderEvidenceAnswer = message('ProviderEvidenceAnswer', {
  evidence: [1, optional(bytes(MAX_REGISTERED_EVIDENCE_BYTES))],
  collateral: [2, optional(bytes(MAX_REGISTERED_COLLATERAL_BYTES))],
});
export type ProviderEvidenceAnswer = Infer<typeof ProviderEvidenceAnswer>;
