export { BLOB_EVENT } from './certify.ts';
export { AUDIT_EVENT } from './compute/index.ts';
export { ETHEREUM_EVENT } from './ethereum-event.ts';
export { RESULT_CODE } from './result-codes.ts';
export { StateMachine, type StateMachineOptions } from './state-machine.ts';
export { FILE_EVENT } from './storage/index.ts';
