export { checkEnclave } from './enclave-policy.ts';
export { checkEnclaveMeasurements } from './measurements.ts';
