import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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
  /**
   * Serves a former release from now on, or this one again: of the former every part has another name, and none of them is there later. Its document is marked `former`.
   *
   * @param worker its service worker, where that is to be of a release that kept files in another way
   */
  release(which: 'former' | 'this', worker?: string): void;
  stop(): Promise<void>;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** @returns folder of a page whose parts have other names than those of this build, and are named so in each other */
function formerRelease(worker: string | undefined): string {
  const folder = temporaryFolder('former-page');
  cpSync('dist/pwa', folder, { recursive: true });
  const document = readFileSync(join(folder, 'index.html'), 'utf8');
  const names = readdirSync(join(folder, 'assets'));
  const renamed = (name: string): string => name.replace(/\.(\w+)$/, '.former.$1');
  for (const name of names) renameSync(join(folder, 'assets', name), join(folder, 'assets', renamed(name)));
  const texts = ['index.html', 'sw.js', ...names.map((name) => `assets/${renamed(name)}`)];
  for (const file of texts.filter((each) => /\.(html|js|css)$/.test(each))) {
    let text = readFileSync(join(folder, file), 'utf8');
    for (const name of names) text = text.replaceAll(name, renamed(name));
    writeFileSync(join(folder, file), text);
  }
  const former = readFileSync(join(folder, 'index.html'), 'utf8').replace('<div id="app">', '<div id="app" data-build="former">');
  writeFileSync(join(folder, 'index.html'), former);
  const sw = worker ?? readFileSync(join(folder, 'sw.js'), 'utf8').replace(hash(document), hash(former));
  writeFileSync(join(folder, 'sw.js'), sw);
  return folder;
}

/** A host of static files as there are many: no header of its own, and the page in a folder. @param chain path of the chain file */
export async function startPageHost(chain: string, path = '/'): Promise<PageHost> {
  const folder = temporaryFolder('page');
  cpSync('dist/pwa', folder, { recursive: true });
  const files = sirv(folder, { dev: true, etag: true });
  let served = files;
  let chainFile = readFileSync(chain, 'utf8');
  const server = createServer((request, response) => {
    const isHere = request.url?.startsWith(path) === true;
    request.url = isHere ? `/${request.url?.slice(path.length)}` : '/nothing';
    if (request.url.split('?')[0] === '/perigee-chain.json') {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(chainFile);
    } else {
      served(request, response, () => void response.writeHead(404).end());
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
    release(which, worker) {
      served = which === 'this' ? files : sirv(formerRelease(worker), { dev: true, etag: true });
    },
    rebuild(mark) {
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
