export type { LoggedEvent } from './log.ts';
export type { EventPolicy } from './policy.ts';
export { type EventCheck, type EventEvidence, type EventResult, verifyEvents } from './verify.ts';
