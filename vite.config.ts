import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { pageHead } from './apps/pwa/page-head.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page. Paths are relative so that it can be served from any folder of any host. */
export default defineConfig({
  root: at('apps/pwa'),
  base: './',
  publicDir: at('public'),
  plugins: [pageHead()],
  // one file each: what a worker needs later would be a request more before it starts
  worker: { format: 'es', rolldownOptions: { output: { codeSplitting: false } } },
  build: {
    target: 'es2022',
    outDir: at('dist/pwa'),
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the content security policy of a page that inlines nothing is the strict one
  },
});
