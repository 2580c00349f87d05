import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startProcess, type TestProcess } from './process.ts';

/** Where pages of tests get a process of their own. */
export interface Lobby {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts programs when a page asks: `GET /NAME` answers with what the program printed as `READY {json}`, and the same one answers whoever asks again.
 *
 * @param programs name → its file
 */
export async function openLobby(programs: Readonly<Record<string, string>>): Promise<Lobby> {
  const started = new Map<string, TestProcess>();
  const server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? '';
    const file = Object.hasOwn(programs, name) ? programs[name] : undefined;
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    const program = started.get(name) ?? startProcess(file);
    started.set(name, program);
    program.ready().then(
      (ready) => response.end(JSON.stringify(ready)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.all([...started.values()].map((program) => program.stop()));
    },
  };
}
