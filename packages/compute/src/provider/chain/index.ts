export { type ComputeNode, type ComputeNodeOptions, createComputeNode } from './compute-node.ts';
export type { RegistrationEvidence } from './registrar.ts';
export type { Settlement } from './settler.ts';
