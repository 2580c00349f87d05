export { temporaryFolder } from './folder.ts';
