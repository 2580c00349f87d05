// biome-ignore lint/style/noDefaultExport: Playwright calls the default export
export { ownTmpdir as default } from '../own-tmpdir.ts';
