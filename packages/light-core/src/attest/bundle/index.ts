export { type BoundEvidence, verifyBound } from './bound.ts';
export { type Bundle, type BundleOf, collateralOf, decodeBundle, encodeBundle } from './bundle.ts';
export { chainFloorsOf, leastLevelsOf } from './chain-floors.ts';
export { decodeFloors, encodeFloors } from './floors-file.ts';
export { type CollateralSubject, parseSubject, subjectText } from './subject.ts';
export { subjectOfEvidence } from './subject-of.ts';
export { type BundleOptions, isNewer, type VerifiedBundle, verifyBundle } from './verify-bundle.ts';
