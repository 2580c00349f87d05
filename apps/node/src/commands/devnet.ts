import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatTrustRoot } from '@perigee/light-core/comet';
import { PerigeeError } from '@perigee/wire';
import { builtFile } from '@perigee/workers/node';
import { defineCommand } from '../cli/command.ts';
import { aborted, stdinEnded, UNTIL_STDIN_ENDS, withStops } from '../cli/lifetime.ts';
import { startDevnet } from '../devnet/devnet.ts';
import { servePage } from '../devnet/page-server.ts';
import { startTraffic } from '../devnet/traffic.ts';
import { DEVNET_HOME } from '../light.ts';

const MAX_NODES = 16;

export const devnet = defineCommand({
  name: 'devnet',
  usage: '',
  summary: 'run a whole network on this machine, with the page and something to sample',
  options: {
    home: { kind: 'text', value: 'DIR', help: `where keys, chain and rows are kept (default ${DEVNET_HOME})` },
    nodes: { kind: 'number', range: [1, MAX_NODES], help: 'data availability nodes, each a process (default 4)' },
    host: { kind: 'text', value: 'ADDRESS', help: 'IP address to listen on (default 127.0.0.1)' },
    'http-port': { kind: 'number', value: 'PORT', range: [0, 65_535], help: 'port of the page (default 0: a free one)' },
    'block-ms': {
      kind: 'number',
      value: 'MS',
      range: [10, 60_000],
      help: 'time between blocks without transactions (default 1000)',
    },
    'publish-every': {
      kind: 'number',
      value: 'SECONDS',
      range: [0, 86_400],
      help: 'publish random data this often; 0 for never (default 20)',
    },
    'until-stdin-ends': UNTIL_STDIN_ENDS,
  },
  async run({ options }, { output, signal }) {
    const nodes = options.nodes ?? 4;
    if (!Number.isInteger(nodes)) throw new PerigeeError('INVALID_ARGUMENT', `--nodes is ${nodes}, which is not a whole number`);
    const folder = builtPage();
    const host = options.host ?? '127.0.0.1';
    const onLine = (line: string): void => output.progress(line);
    const stopped = Promise.race([aborted(signal), stdinEnded(options['until-stdin-ends'])]);
    await withStops(async (onStop) => {
      const network = await startDevnet({
        home: options.home ?? DEVNET_HOME,
        nodes,
        host,
        blockMs: options['block-ms'] ?? 1_000,
        signal,
        onLine,
      });
      onStop(() => network.stop());
      const trustRoot = formatTrustRoot(network.trustRoot);
      const page = await servePage({ folder, host, port: options['http-port'] ?? 0, trustRoot });
      onStop(() => page.close());
      const everySeconds = options['publish-every'] ?? 20;
      if (everySeconds > 0) {
        const traffic = startTraffic({ trustRoot, key: network.layout.account, everySeconds, onLine });
        onStop(() => traffic.stop());
        await Promise.race([traffic.first, network.chainEnded, stopped]);
      }
      output.ready({
        url: `http://${host.includes(':') ? `[${host}]` : host}:${page.port}/`,
        chain: network.layout.chain,
        account: network.layout.account,
        nodes: network.nodes.map(({ child, ready }) => ({ pid: child.pid, ...ready })),
      });
      await Promise.race([aborted(signal), network.chainEnded]);
      if (!signal.aborted)
        throw new PerigeeError('INTERNAL', 'the node with the chain ended by itself; its last words are above');
    });
  },
});

/** @throws NOT_FOUND when the page was not built */
function builtPage(): string {
  const folder = fileURLToPath(new URL('../pwa/', builtFile('perigee.js', import.meta.url)));
  if (existsSync(folder)) return folder;
  throw new PerigeeError('NOT_FOUND', `the page was not built: ${folder} is missing; run "npm run build"`);
}
