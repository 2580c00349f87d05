import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Pages that a wallet could be asked on. The scripts announce a provider there and read nothing. */
const SITES = ['http://*/*', 'https://*/*'];

/** What the pages of the extension may do: run their own files, open WebSockets and WebTransport, and nothing else. WebRTC is not in the reach of connect-src. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss: https:", // WebTransport counts as https:
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ICON_SIDES = [48, 128];

const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { version: string };

const manifest = {
  manifest_version: 3,
  name: 'Perigee',
  version,
  description: 'A light node in your browser: sites can ask whether data is available, and the answer is verified here.',
  minimum_chrome_version: '116',
  icons: Object.fromEntries(ICON_SIDES.map((side) => [side, `icon-${side}.png`])),
  action: { default_popup: 'popup.html', default_title: 'Perigee' },
  options_ui: { page: 'options.html', open_in_tab: true },
  background: { service_worker: 'background.js', type: 'module' },
  permissions: ['offscreen'],
  content_scripts: [
    { matches: SITES, js: ['inpage.js'], run_at: 'document_start', world: 'MAIN' },
    { matches: SITES, js: ['bridge.js'], run_at: 'document_start' },
  ],
  content_security_policy: { extension_pages: POLICY },
  cross_origin_embedder_policy: { value: 'require-corp' },
  cross_origin_opener_policy: { value: 'same-origin' },
};

/** Adds the manifest and the icons to what is built. */
export function extensionManifest(): Plugin {
  return {
    name: 'perigee-extension-manifest',
    applyToEnvironment: ({ name }) => name === 'client',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'manifest.json', source: `${JSON.stringify(manifest, null, 2)}\n` });
      for (const side of ICON_SIDES) {
        const fileName = `icon-${side}.png`;
        this.emitFile({ type: 'asset', fileName, source: readFileSync(at(`icons/${fileName}`)) });
      }
    },
  };
}
