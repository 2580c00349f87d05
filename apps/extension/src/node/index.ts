export { createAttest } from './attestation.ts';
export { attestorHere } from './attestor-here.ts';
export { connectionOf } from './connection.ts';
export { readSettings, writeSettings } from './kept-settings.ts';
export { NodeRunner } from './node-runner.ts';
export { createVerifyReceipt } from './receipt.ts';
export { ShownState } from './shown.ts';
