export { agreeWith, type FileSecret, fileKeyOf, newAgreement, recipientOf, sealedCheckOf } from './file-key.ts';
export {
  formatSealedHeader,
  MAX_SEALED_HEADER_BYTES,
  parseSealedHeader,
  type SealedHeader,
  sealedHeaderBytes,
} from './sealed-header.ts';
export {
  plainLengthOf,
  recordNonce,
  recordsOf,
  SEALED_TAG_BYTES,
  type SealedRecord,
  sealedLengthOf,
  streamCounter,
} from './sealed-layout.ts';
