/** Apart from the other protocols: a page that asks no model loads none of its messages. */
import { InferenceCall, InferenceFrame, MAX_INFERENCE_REQUEST_BYTES, PROTOCOL } from '@perigee/wire';
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
