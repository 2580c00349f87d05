/** What is hashed and signed of an inference, each under a name of its own (docs/compute.md). */
import { sha256 } from '@noble/hashes/sha2.js';
import { CheckpointBody, concat, InferenceExecution, InferenceRequest, PaymentOrderBody, utf8 } from '@perigee/wire';

const REQUEST = /* @__PURE__ */ utf8('perigee/inference/request/v0');
const ORDER = /* @__PURE__ */ utf8('perigee/inference/order/v0');
const EXECUTION = /* @__PURE__ */ utf8('perigee/inference/execution/v0');
const CHECKPOINT = /* @__PURE__ */ utf8('perigee/inference/checkpoint/v0');

/** requestHash, 32 bytes. */
export function requestHashOf(request: InferenceRequest): Uint8Array {
  return sha256(concat(REQUEST, InferenceRequest.encode(request)));
}

/** What a payer signs with an ed25519 key: `'perigee/inference/order/v0' ‖ canonical PaymentOrderBody`. */
export function orderSignBytes(body: PaymentOrderBody): Uint8Array {
  return concat(ORDER, PaymentOrderBody.encode(body));
}

/** orderId, 32 bytes: the same whichever scheme signed. */
export function orderIdOf(body: PaymentOrderBody): Uint8Array {
  return sha256(orderSignBytes(body));
}

/** executionHash, 32 bytes. */
export function executionHashOf(execution: InferenceExecution): Uint8Array {
  return sha256(concat(EXECUTION, InferenceExecution.encode(execution)));
}

/** What a provider signs: `'perigee/inference/checkpoint/v0' ‖ canonical CheckpointBody`. */
export function checkpointSignBytes(body: CheckpointBody): Uint8Array {
  return concat(CHECKPOINT, CheckpointBody.encode(body));
}
