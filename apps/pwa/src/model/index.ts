/** All that the page shows and can be asked for. */
export * from './actions.ts';
export * from './attestation.ts';
export * from './blobs.ts';
export type * from './compute.ts';
export * from './model.ts';
export * from './settings.ts';
export * from './storage.ts';
export * from './streams.ts';
export * from './trust.ts';
export * from './wallet.ts';
