import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';
import { temporaryFolder } from '../kit/index.ts';

export interface PageHost {
  readonly url: string;
  /** What the chain file says from now on. */
  chainFile: string;
  /** The next build of the page, as far as a browser can tell. @param mark stands in its document */
  rebuild(mark: string): void;
  stop(): Promise<void>;
}

/** A host of static files as there are many: no header of its own, and the page in a folder. @param chain path of the chain file */
export async function startPageHost(chain: string, path = '/'): Promise<PageHost> {
  const folder = temporaryFolder('page');
  cpSync('dist/pwa', folder, { recursive: true });
  const files = sirv(folder, { dev: true, etag: true });
  let chainFile = readFileSync(chain, 'utf8');
  const server = createServer((request, response) => {
    const isHere = request.url?.startsWith(path) === true;
    request.url = isHere ? `/${request.url?.slice(path.length)}` : '/nothing';
    if (request.url.split('?')[0] === '/perigee-chain.json') {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(chainFile);
    } else {
      files(request, response, () => void response.writeHead(404).end());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    get chainFile() {
      return chainFile;
    },
    set chainFile(text) {
      chainFile = text;
    },
    rebuild(mark) {
      const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
      const before = readFileSync(join(folder, 'index.html'), 'utf8');
      const after = before.replace('<div id="app">', `<div id="app" data-build="${mark}">`);
      const worker = readFileSync(join(folder, 'sw.js'), 'utf8');
      writeFileSync(join(folder, 'index.html'), after);
      writeFileSync(join(folder, 'sw.js'), worker.replace(hash(before), hash(after)));
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
