/** Apart from the other protocols: a page that asks no model loads none of its messages. */
import {
  InferenceCall,
  InferenceFrame,
  MAX_INFERENCE_REQUEST_BYTES,
  MAX_REGISTERED_COLLATERAL_BYTES,
  MAX_REGISTERED_EVIDENCE_BYTES,
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
  // a request and its order
  maxRequestBytes: MAX_INFERENCE_REQUEST_BYTES + KIB,
  // a piece, or the models
  maxAnswerBytes: 64 * KIB,
});

export const providerEvidenceProtocol = defineProtocol({
  id: PROTOCOL.providerEvidence,
  request: ProviderEvidenceRequest,
  answer: ProviderEvidenceAnswer,
  maxRequestBytes: KIB,
  maxAnswerBytes: MAX_REGISTERED_EVIDENCE_BYTES + MAX_REGISTERED_COLLATERAL_BYTES + KIB,
});
