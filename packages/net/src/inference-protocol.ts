/** Apart from the other protocols: a page that asks no model loads none of its messages. */
import {
  InferenceCall,
  InferenceFrame,
  MAX_REGISTERED_COLLATERAL_BYTES,
  MAX_REGISTERED_EVIDENCE_BYTES,
  MAX_SEALED_FRAME_BYTES,
  MAX_SEALED_REQUEST_BYTES,
  PROTOCOL,
  ProviderEvidenceAnswer,
  ProviderEvidenceRequest,
} from '@perigee/wire';
import { defineProtocol } from './protocol.ts';

const KIB = 1024;

export const inferenceProtocol = defineProtocol({
  id: PROTOCOL.inference,
  request: InferenceCall,
  answer: InferenceFrame,
  // a request, sealed or not, and its order
  maxRequestBytes: MAX_SEALED_REQUEST_BYTES + KIB,
  // a piece, sealed or not, or the models
  maxAnswerBytes: MAX_SEALED_FRAME_BYTES + KIB,
});

export const providerEvidenceProtocol = defineProtocol({
  id: PROTOCOL.providerEvidence,
  request: ProviderEvidenceRequest,
  answer: ProviderEvidenceAnswer,
  maxRequestBytes: KIB,
  maxAnswerBytes: MAX_REGISTERED_EVIDENCE_BYTES + MAX_REGISTERED_COLLATERAL_BYTES + KIB,
});
