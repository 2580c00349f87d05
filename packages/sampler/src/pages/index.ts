export { Pages } from './pages.ts';
export { type SharingOptions, sharingOf } from './share-budget.ts';
