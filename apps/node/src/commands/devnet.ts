import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatTrustRoot } from '@perigee/light-core/comet';
import { createStopController } from '@perigee/net';
import { PerigeeError } from '@perigee/wire';
import { builtFile } from '@perigee/workers/node';
import { defineCommand } from '../cli/command.ts';
import { startDevnet } from '../devnet/devnet.ts';
import { servePage } from '../devnet/page-server.ts';
import { publishTraffic } from '../devnet/traffic.ts';
import { DEVNET_HOME } from '../light.ts';

export const devnet = defineCommand({
  name: 'devnet',
  usage: '',
  summary: 'run a whole network on this machine, with the page and something to sample',
  options: {
    home: { kind: 'text', value: 'DIR', help: `where keys, chain and rows are kept (default ${DEVNET_HOME})` },
    nodes: { kind: 'number', help: 'data availability nodes, each a process (default 4)' },
    host: { kind: 'text', value: 'ADDRESS', help: 'interface to listen on (default 127.0.0.1)' },
    'http-port': { kind: 'number', value: 'PORT', help: 'port of the page (default 0: a free one)' },
    'block-ms': { kind: 'number', value: 'MS', help: 'time between blocks without transactions (default 1000)' },
    'publish-every': { kind: 'number', value: 'SECONDS', help: 'publish random data this often; 0 for never (default 20)' },
  },
  async run({ options }, { output, signal }) {
    const nodes = options.nodes ?? 4;
    if (!Number.isInteger(nodes) || nodes < 1 || nodes > 16)
      throw new PerigeeError('INVALID_ARGUMENT', `--nodes is ${nodes}; it must be 1 to 16`);
    const folder = fileURLToPath(new URL('../pwa/', builtFile('perigee.js', import.meta.url)));
    if (!existsSync(folder))
      throw new PerigeeError('NOT_FOUND', `the page was not built: ${folder} is missing; run "npm run build"`);
    const host = options.host ?? '127.0.0.1';
    const network = await startDevnet({
      home: options.home ?? DEVNET_HOME,
      nodes,
      host,
      blockMs: options['block-ms'] ?? 1_000,
      signal,
      onLine: (line) => output.progress(line),
    });
    const trustRoot = formatTrustRoot(network.trustRoot);
    const page = await servePage({ folder, host, port: options['http-port'] ?? 0, trustRoot: () => trustRoot }).catch(
      async (error) => {
        await network.stop();
        throw error;
      },
    );
    const stopTraffic = createStopController();
    try {
      const everySeconds = options['publish-every'] ?? 20;
      const traffic = everySeconds > 0 ? startTraffic() : undefined;
      await traffic?.first;
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${page.port}/`;
      output.ready({
        url,
        chain: network.layout.chain,
        account: network.layout.account,
        nodes: network.nodes.map(({ child, ready }) => ({ pid: child.pid, ...ready })),
      });
      await Promise.race([aborted(signal), network.broken]);
      stopTraffic.abort();
      await traffic?.ended;
      if (!signal.aborted) throw new PerigeeError('INTERNAL', 'a node of the devnet ended by itself; its last words are above');

      function startTraffic(): { readonly first: Promise<void>; readonly ended: Promise<void> } {
        let onFirst = (): void => {};
        const first = new Promise<void>((resolve) => {
          onFirst = resolve;
        });
        const ended = publishTraffic({
          trustRoot,
          key: network.layout.account,
          everySeconds,
          signal: AbortSignal.any([signal, stopTraffic.signal]),
          onLine: (line) => output.progress(line),
          onFirst,
        });
        // whoever waits for the first blob hears of an end without one too
        return { first: Promise.race([first, ended, network.broken]), ended: ended.catch(() => {}) };
      }
    } finally {
      stopTraffic.abort();
      await Promise.all([page.close(), network.stop()]);
    }
  },
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
