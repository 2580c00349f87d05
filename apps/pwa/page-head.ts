import type { HtmlTagDescriptor, Plugin } from 'vite';

/** What the page may do: run its own files, open WebSockets and WebTransport, and nothing else. WebRTC is not in the reach of connect-src. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:", // icons of wallets
  "manifest-src 'self'",
  "connect-src 'self' ws: wss: https:", // WebTransport counts as https:
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * Adds to the built page its content security policy, and hints to fetch what the first share needs at once: without them the browser
 * would find the light node, and what it shares with other lazy parts, only after it has run the shell.
 */
export function pageHead(): Plugin {
  return {
    name: 'perigee-page-head',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }): HtmlTagDescriptor[] {
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
        const engine = chunks.find((chunk) => chunk.facadeModuleId?.endsWith('/src/engine.ts'));
        if (engine === undefined) throw new Error('the page has no chunk of src/engine.ts to preload');
        const names = new Set([engine.fileName]);
        for (const name of names) {
          const chunk = chunks.find(({ fileName, isEntry }) => fileName === name && !isEntry);
          for (const imported of chunk?.imports ?? []) names.add(imported);
        }
        const preloaded = chunks.filter(({ fileName, isEntry }) => names.has(fileName) && !isEntry);
        return [
          { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' },
          ...preloaded.map(
            ({ fileName }): HtmlTagDescriptor => ({
              tag: 'link',
              attrs: { rel: 'modulepreload', crossorigin: true, fetchpriority: 'low', href: `./${fileName}` }, // after what paints
              injectTo: 'head',
            }),
          ),
        ];
      },
    },
  };
}
