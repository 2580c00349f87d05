/** What only quotes of enclaves need: a chunk of its own, because most are of trust domains. */
export { checkEnclave } from './enclave-policy.ts';
export { checkEnclaveMeasurements } from './measurements.ts';
