/** Who carries questions to a provider, and its answers back: trusted with nothing. */
import type { InferenceCall, InferenceFrame, ModelOffer, ProviderEvidenceAnswer, ProviderEvidenceRequest } from '@perigee/wire';

export interface Carrier {
  /** What the provider says that it serves. @throws UNREACHABLE, TIMEOUT, ABORTED and what else a request throws */
  offers(signal: AbortSignal): Promise<readonly ModelOffer[]>;
  /** Files by their hashes; nothing of them is compared. @throws the same */
  evidence(request: ProviderEvidenceRequest, signal: AbortSignal): Promise<ProviderEvidenceAnswer>;
  /** Frames of one answer, as they come. @throws what the provider refused with (`data.remote`), and the same */
  answer(call: InferenceCall, signal: AbortSignal): AsyncGenerator<InferenceFrame, void, undefined>;
}
