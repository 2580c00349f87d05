import { createServer, type Server } from 'node:http';
import { PerigeeError } from '@perigee/wire';
import sirv from 'sirv';

/** Isolation gives the page SharedArrayBuffer; everything it loads is of the same origin. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

export interface PageServerOptions {
  /** Folder of the built page. */
  readonly folder: string;
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
}

export interface PageServer {
  /** The one that it listens on. */
  readonly port: number;
  /** Serves from now on, with this text of `/perigee-chain.json`. */
  begin(trustRoot: string): void;
  close(): Promise<void>;
}

/**
 * Takes the port, and serves the page and the trust root that belongs to it once that is known; until then it answers 503.
 *
 * @throws UNREACHABLE when the port is taken
 */
export async function servePage(options: PageServerOptions): Promise<PageServer> {
  let trustRoot: string | undefined;
  const files = sirv(options.folder, {
    dev: true, // files are looked for at each request: the page may be built again while it is served
    etag: true,
    brotli: true, // the build puts them beside the files
    setHeaders(response, path) {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      // names of assets hold the hash of their content
      response.setHeader('Cache-Control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    } else if (trustRoot === undefined) {
      response.writeHead(503, { ...HEADERS, 'Content-Type': 'text/plain', 'Retry-After': '1' }).end('the network starts\n');
    } else if (request.url?.split('?')[0] === '/perigee-chain.json') {
      response.writeHead(200, { ...HEADERS, 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(trustRoot);
    } else {
      delete request.headers.range; // nothing here needs parts, and sirv throws at one that ends before it begins
      response.on('pipe', (file) => file.on('error', () => response.destroy()));
      try {
        files(request, response, () => {
          response.writeHead(404, { ...HEADERS, 'Content-Type': 'text/plain' }).end('not found\n');
        });
      } catch {
        response.destroy(); // the file went away between two looks at it
      }
    }
  });
  await listen(server, options.port, options.host);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    begin(text) {
      trustRoot = text;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new PerigeeError(
          'UNREACHABLE',
          `cannot listen on ${host} port ${port}: ${cause.message}; choose another with --http-port`,
          { cause },
        ),
      );
    });
    server.listen(port, host, () => resolve());
  });
}
