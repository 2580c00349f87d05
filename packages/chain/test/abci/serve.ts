import { join } from 'node:path';
import { AbciServer, type AbciServerOptions, type Application } from '@perigee/chain/abci';
import type { PerigeeError } from '@perigee/wire';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { AbciClient } from './client.ts';
import { KeyValue } from './key-value.ts';

export const info = { info: { version: '0.38.25', blockVersion: 11, p2pVersion: 8, abciVersion: '2.0.0' } };

/** A server and its clients for one test, closed with it. */
export interface Served {
  readonly server: AbciServer;
  /** What ended connections. */
  readonly faults: PerigeeError[];
  connect(): Promise<AbciClient>;
}

/** @param change calls that are not those of the example application */
export async function serve(
  change: Partial<Application> = {},
  { address = `unix://${join(temporaryFolder('abci'), 'app.sock')}`, ...options }: Partial<AbciServerOptions> = {},
): Promise<Served> {
  const faults: PerigeeError[] = [];
  const app = Object.assign(new KeyValue(), change);
  const server = await AbciServer.listen(app, { address, onFault: (error) => faults.push(error), ...options });
  const clients: AbciClient[] = [];
  onTestFinished(async () => {
    for (const client of clients) await client.close();
    await server.close();
  });
  return {
    server,
    faults,
    async connect() {
      const client = await AbciClient.connect(server.address);
      clients.push(client);
      return client;
    },
  };
}

/** Calls that wait until they are let go. */
export function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}
