export { ownTmpdir as default } from '../own-tmpdir.ts';
