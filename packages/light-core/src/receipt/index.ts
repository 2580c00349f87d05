export { AnswerHash, type AnswerPlace } from './answer-hash.ts';
export { type AnswerPiece, AnswerPieces, type Generated } from './answer-pieces.ts';
export { AnswerVerifier } from './answer-verifier.ts';
export {
  RECEIPT_CHECKS,
  type ReceiptCheck,
  type ReceiptCheckName,
  type ReceiptVerdict,
} from './check.ts';
export { isFinal, signCheckpoint, verifyCheckpoint } from './checkpoint.ts';
export { type ClaimContext, failedCheckOf, type VerifiedClaim, verifyClaim } from './claim.ts';
export { feeOf, maxFeeOf, maxPromptTokens } from './fee.ts';
export { decodeReceiptFile, encodeForAuditors, encodeReceiptFile, isReceiptFile } from './file.ts';
export type { Opening, ReceiptExpectation } from './judge.ts';
export { AUDIT_NAMESPACE } from './namespace.ts';
export { chatRequestOf, embeddingsRequestOf, type OpenAiContext } from './openai.ts';
export {
  checkOrderChain,
  isUnpaid,
  type OrderAuthor,
  type OrderCheckName,
  type OrderContext,
  type OrderDraft,
  refuseOrder,
  signOrder,
  signTypedOrder,
  unpaidOrder,
  verifyOrder,
} from './order.ts';
export { orderTypedData } from './order-words.ts';
export { checkRequest, NO_PARAMETERS } from './request.ts';
export { checkpointSignBytes, executionHashOf, orderIdOf, orderSignBytes, requestHashOf } from './sign-bytes.ts';
export {
  ed25519InferenceSigner,
  type InferenceSigner,
  isSigned,
  isSignerKey,
  type SignatureContext,
  secp256k1InferenceSigner,
} from './signer.ts';
export { type ReceiptReport, verifyReceipt } from './verify-receipt.ts';
