import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatTrustRoot } from '@perigee/light-core/comet';
import { PerigeeError } from '@perigee/wire';
import { builtFile } from '@perigee/workers/node';
import type { OptionSpecs } from '../cli/args.ts';
import { defineCommand } from '../cli/command.ts';
import { aborted, stdinEnded, UNTIL_STDIN_ENDS, withStops } from '../cli/lifetime.ts';
import { startDevnet } from '../devnet/devnet.ts';
import { openableHost } from '../devnet/openable-host.ts';
import { findOwnFiles } from '../devnet/own-files.ts';
import { servePage } from '../devnet/page-server.ts';
import { startTraffic } from '../devnet/traffic.ts';
import { makeFolder } from '../files.ts';
import { DEVNET_HOME } from '../trust.ts';

const MAX_NODES = 16;
const DEFAULT_NODES = 4;
const DEFAULT_PROVIDERS = 1;
const DEFAULT_BLOCK_MS = 1_000;
const DEFAULT_EVERY_SECONDS = 5;

const OPTIONS = {
  nodes: {
    kind: 'integer',
    range: [1, MAX_NODES],
    help: `nodes for data availability and stored files, each a process (default ${DEFAULT_NODES})`,
  },
  stakes: { kind: 'text', value: 'N,N,…', help: 'stake of each node, in whole tokens (default: all alike)' },
  host: { kind: 'text', value: 'ADDRESS', help: 'IP address to listen on (default 127.0.0.1)' },
  'http-port': { kind: 'integer', value: 'PORT', range: [0, 65_535], help: 'port of the page (default 0: a free one)' },
  'block-ms': {
    kind: 'number',
    value: 'MS',
    range: [10, 60_000],
    help: `time between blocks without transactions (default ${DEFAULT_BLOCK_MS})`,
  },
  'publish-every': {
    kind: 'number',
    value: 'SECONDS',
    range: [0, 86_400],
    help: `publish some files of this program's repository this often while a client is connected; 0 for never (default ${DEFAULT_EVERY_SECONDS})`,
  },
  'da-budget': {
    kind: 'number',
    value: 'GIB',
    range: [0.1, 1_000_000],
    help: 'disk for the rows of all nodes together (default 1)',
  },
  'storage-budget': {
    kind: 'number',
    value: 'GIB',
    range: [0.1, 1_000_000],
    help: 'disk for stored files of all nodes together (default 1)',
  },
  providers: {
    kind: 'integer',
    range: [0, MAX_NODES],
    help: `nodes that answer, too, with the models that come with the program: the last ones (default ${DEFAULT_PROVIDERS})`,
  },
  'trust-height': {
    kind: 'integer',
    value: 'HEIGHT',
    range: [1, Number.MAX_SAFE_INTEGER],
    help: 'height of the header that page and commands trust (default: the latest)',
  },
  metrics: { kind: 'flag', help: 'serve /metrics and /healthz of each node on a free port of this machine' },
  'until-stdin-ends': UNTIL_STDIN_ENDS,
} as const satisfies OptionSpecs;

export const devnet = defineCommand({
  name: 'devnet',
  usage: '',
  summary: 'run a whole network on this machine, with a faucet, the page, and something to sample',
  options: OPTIONS,
  defaultHome: DEVNET_HOME,
  async run({ options }, { output, log, signal, home = DEVNET_HOME }) {
    const stakes = options.stakes === undefined ? undefined : readStakes(options.stakes);
    const nodes = options.nodes ?? stakes?.length ?? DEFAULT_NODES;
    if (nodes > MAX_NODES || (stakes !== undefined && stakes.length !== nodes)) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `--stakes names ${stakes?.length} stakes; it must be ${Math.min(nodes, MAX_NODES)}`,
      );
    }
    const folder = builtPage();
    const host = options.host ?? '127.0.0.1';
    const blockMs = options['block-ms'] ?? DEFAULT_BLOCK_MS;
    const stopped = Promise.race([aborted(signal), stdinEnded(options['until-stdin-ends'])]);
    await withStops(async (onStop) => {
      const page = await servePage({ folder, host, port: options['http-port'] ?? 0 });
      onStop(() => page.close());
      await makeFolder(home);
      const network = await startDevnet({
        home,
        nodes,
        stakes,
        host,
        blockMs,
        daBudgetBytes: (options['da-budget'] ?? 1) * 2 ** 30,
        storageBudgetBytes: (options['storage-budget'] ?? 1) * 2 ** 30,
        trustHeight: options['trust-height'],
        providers: Math.min(nodes, options.providers ?? DEFAULT_PROVIDERS),
        monitor: options.metrics,
        signal,
        log,
        onStep: output.progress,
      });
      onStop(() => network.stop());
      const { clients } = network;
      const trustRoot = formatTrustRoot(network.trustRoot);
      page.begin(trustRoot);
      const everySeconds = options['publish-every'] ?? DEFAULT_EVERY_SECONDS;
      if (everySeconds > 0) {
        const files = await findOwnFiles();
        const key = network.layout.account;
        const traffic = startTraffic({ trustRoot, key, everySeconds, blockMs, files, clients, log });
        onStop(() => traffic.stop());
        output.progress('publishing a first file, for the page to sample');
        await Promise.race([traffic.first, network.chainEnded, stopped]);
      }
      const [{ ready: first } = { ready: undefined }] = network.nodes;
      output.ready({
        ...(first?.ethereum === undefined ? {} : { ethereum: first.ethereum }),
        url: `http://${openableHost(host)}:${page.port}/`,
        chain: resolve(network.layout.chain),
        account: resolve(network.layout.account),
        nodes: network.nodes.map(({ child, ready }) => ({ pid: child.pid, ...ready })),
      });
      const why = await Promise.race([stopped.then(() => undefined), network.chainEnded]);
      if (why !== undefined && !signal.aborted) {
        throw new PerigeeError(why.code, `the node with the chain has ended: ${why.message}`, { cause: why });
      }
    });
  },
});

/** @throws INVALID_ARGUMENT */
function readStakes(text: string): bigint[] {
  return text.split(',').map((word) => {
    if (/^[1-9][0-9]{0,17}$/.test(word)) return BigInt(word);
    throw new PerigeeError('INVALID_ARGUMENT', `--stakes names "${word}"; a stake is a whole number from 1 to 18 digits`);
  });
}

/** @throws NOT_FOUND when the page was not built */
function builtPage(): string {
  const folder = fileURLToPath(new URL('../pwa/', builtFile('perigee.js', import.meta.url)));
  if (existsSync(folder)) return folder;
  throw new PerigeeError('NOT_FOUND', `the page was not built: ${folder} is missing; run "npm run build"`);
}
