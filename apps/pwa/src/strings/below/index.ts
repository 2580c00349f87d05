/** Words of the lower half of the page, which come with it: the first paint needs none of them. */
export * from './attestation-card.ts';
export * from './headers.ts';
export * from './wallet.ts';
