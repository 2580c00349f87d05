/** Every word that the page shows. Sentences that carry values are functions of them. */
export * from './advice.ts';
export * from './blob.ts';
export * from './boot.ts';
export * from './common.ts';
export * from './device.ts';
export * from './events.ts';
export * from './head.ts';
export * from './lead.ts';
export * from './peers.ts';
export * from './rows.ts';
export * from './tasks.ts';
export * from './views.ts';
