import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './folder.ts';
import { freePort } from './port.ts';
import { runPerigee, startPerigee } from './process.ts';

/** A devnet of separate processes with its page. */
export interface Network {
  readonly url: string;
  /** Process ids of the nodes. */
  readonly pids: readonly number[];
  /** Publishes random bytes by the command line. @returns the blob's id */
  publish(bytes: number): Promise<string>;
  stop(): Promise<void>;
  /** Ends every process at once, as a power cut does. */
  kill(): Promise<void>;
  /** Starts it again where it was: the same home, the same port of the page. */
  restart(): Promise<Network>;
}

/** What `perigee devnet` prints when everything runs. */
interface Ready {
  readonly url: string;
  readonly chain: string;
  readonly account: string;
  readonly nodes: readonly { readonly pid: number }[];
}

export async function startNetwork(home = temporaryFolder('devnet'), port?: number): Promise<Network> {
  const httpPort = port ?? (await freePort());
  const process_ = startPerigee(['devnet', '--home', home, '--http-port', String(httpPort), '--publish-every', '0']);
  const { url, chain, account, nodes } = (await process_.ready()) as unknown as Ready;
  const pids = nodes.map(({ pid }) => pid);
  return {
    url,
    pids,
    async publish(bytes) {
      const file = join(home, `random-${bytes}-${Date.now()}`);
      writeFileSync(file, randomBytes(bytes));
      const { code, stdout, output } = await runPerigee(['publish', file, '--chain', chain, '--key', account, '--json']);
      if (code !== 0) throw new Error(`perigee publish ended with ${code}:\n${output}`);
      const { blobId } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { blobId: string };
      return blobId;
    },
    async stop() {
      await process_.stop();
    },
    async kill() {
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await process_.kill();
    },
    restart: () => startNetwork(home, httpPort),
  };
}
