export { applyStreamData } from './apply.ts';
export { decideOverdue, noteSubmission } from './due.ts';
export { setStreams } from './set.ts';
