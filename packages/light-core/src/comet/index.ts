export { fromBase64, toBase64 } from '@perigee/wire';
export { anchor } from './anchor.ts';
export { type Attack, type AttackKind, attackOf, type Divergence } from './attack.ts';
export * from './block-hashes.ts';
export type { SigningValidator } from './check-validators.ts';
export { type DuplicateVoteContext, duplicateVote, verifyDuplicateVote, voteOf } from './duplicate-vote.ts';
export { headerHash } from './header-hash.ts';
export * from './inclusion.ts';
export {
  blockFromJson,
  commitFromJson,
  headerFromJson,
  signedHeaderFromJson,
  validatorFromJson,
  validatorsPageFromJson,
} from './json.ts';
export { jsonBase64, jsonList, jsonNumber, jsonObject, jsonText } from './json-value.ts';
export type { LightBlock } from './light-block.ts';
export { rightSignatures } from './right-signatures.ts';
export { afterNotEnoughTrust, afterVerified, nextHeight, planSkipping, type SkippingPlan } from './skipping.ts';
export { type Fraction, signedShare } from './tally.ts';
export { formatTime, parseTime, timestampOfMs, unixMs, unixNanos, ZERO_TIME } from './time.ts';
export { commitToJson, evidenceToJson, headerToJson, validatorToJson } from './to-json.ts';
export { formatTrustLink, genesisPrefixOf, parseTrustLink } from './trust-link.ts';
export { formatTrustRoot, parseTrustRoot, type TrustAnchor, type TrustRoot } from './trust-root.ts';
export { type Unverified, unverified } from './unverified.ts';
export { sortValidators, validatorAddress, validatorSetHash } from './validator-set.ts';
export { headerAnswerOf, restoreVerified, type VerifiedHeader, type VerifiedLightBlock } from './verified.ts';
export { type VerifyOptions, verify } from './verify.ts';
export { verifyPrevious } from './verify-previous.ts';
export { commitSignBytes, type Precommit, voteSignBytes } from './vote.ts';
