export { type Bundle, type BundleOf, decodeBundle, encodeBundle } from './bundle.ts';
export { type CollateralSubject, parseSubject, subjectText } from './subject.ts';
export { type BundleOptions, type VerifiedBundle, verifyBundle } from './verify-bundle.ts';
