/** `npm run example dapp`: serves the page that lies beside this file. See README.md. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const DEFAULT_PORT = 8_788;
const FILES = new Map([
  ['/', ['index.html', 'text/html; charset=utf-8']],
  ['/dapp.css', ['dapp.css', 'text/css; charset=utf-8']],
  ['/dapp.js', ['dapp.js', 'text/javascript; charset=utf-8']],
] as const);

const { values } = parseArgs({ options: { port: { type: 'string', default: `${DEFAULT_PORT}` } } });

const server = createServer((request, response) => {
  const file = new Map<string, readonly [string, string]>(FILES).get(request.url?.split('?')[0] ?? '');
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  const [name, type] = file;
  // from its source and from what the build makes of it, the page lies at the same place
  const path = fileURLToPath(new URL(`../../examples/dapp/page/${name}`, import.meta.url));
  response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': "default-src 'self'; img-src data:" });
  response.end(readFileSync(path));
});
server.listen(Number(values.port), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no address');
  const url = `http://127.0.0.1:${address.port}/`;
  console.log(`the page is at ${url}; open it in a browser with the extension`);
  console.log(`READY ${JSON.stringify({ url })}`);
});
