import { join, resolve } from 'node:path';
import { PeerDirectory } from '@perigee/da/node';
import { bestEd25519 } from '@perigee/light-core/signature';
import { ed25519Signer } from '@perigee/light-core/tx';
import { createHost, serveStatus, systemClock } from '@perigee/net';
import { type PeerRecord, PerigeeError, toHex } from '@perigee/wire';
import { defineCommand } from '../cli/command.ts';
import { aborted, stdinEnded, UNTIL_STDIN_ENDS, withStops } from '../cli/lifetime.ts';
import type { NodeReady } from '../devnet/ready.ts';
import { ensureSecret } from '../keys.ts';
import { CHAIN_OPTION, readTrustRootFile } from '../light.ts';
import { startChainRole } from '../roles/chain-role.ts';
import { startDaRole } from '../roles/da-role.ts';
import { startFollower } from '../roles/follower.ts';

const ROLES = ['chain', 'da'];
const DEFAULT_BUDGET_GIB = 10;

export const node = defineCommand({
  name: 'node',
  usage: '',
  summary: 'run a node with one or more roles',
  options: {
    home: { kind: 'text', value: 'DIR', help: 'where its keys and data are kept (required)' },
    role: { kind: 'text', value: 'ROLES', help: `roles, separated by commas: ${ROLES.join(', ')} (default da)` },
    chain: CHAIN_OPTION,
    genesis: { kind: 'text', value: 'FILE', help: 'genesis of the chain (role chain)' },
    'validator-key': { kind: 'list', value: 'FILE', help: 'key of a validator; once for each (role chain)' },
    'block-ms': {
      kind: 'number',
      value: 'MS',
      range: [10, 60_000],
      help: 'time between blocks without transactions (role chain; default 1000)',
    },
    'da-budget': {
      kind: 'number',
      value: 'GIB',
      range: [0.1, 1_000_000],
      help: `disk for rows (role da; default ${DEFAULT_BUDGET_GIB})`,
    },
    listen: { kind: 'text', value: 'ADDRESS', help: 'IP address to listen on (default 127.0.0.1; 0.0.0.0 for all)' },
    announce: { kind: 'list', value: 'MULTIADDR', help: 'address to tell others instead; may be given again' },
    'tcp-port': { kind: 'number', value: 'PORT', range: [0, 65_535], help: 'port for nodes (default 0: a free one)' },
    'ws-port': { kind: 'number', value: 'PORT', range: [0, 65_535], help: 'WebSocket port for browsers (default 0: a free one)' },
    'webrtc-port': { kind: 'number', value: 'PORT', range: [0, 65_535], help: 'UDP port for browsers (default 0: a free one)' },
    'until-stdin-ends': UNTIL_STDIN_ENDS,
  },
  async run({ options }, { output, signal }) {
    if (options.home === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'name a folder for the node: --home DIR');
    const home = resolve(options.home);
    const roles = (options.role ?? 'da').split(',');
    const unknown = roles.find((role) => !ROLES.includes(role));
    if (unknown !== undefined) {
      throw new PerigeeError('INVALID_ARGUMENT', `--role names "${unknown}"; known are ${ROLES.join(', ')}`);
    }
    const verifyEd25519 = bestEd25519(crypto.subtle);
    await withStops(async (onStop) => {
      const host = await createHost({
        directory: join(home, 'net'),
        listen: {
          host: options.listen ?? '127.0.0.1',
          tcp: options['tcp-port'] ?? 0,
          websocket: options['ws-port'] ?? 0,
          webrtcDirect: options['webrtc-port'] ?? 0,
        },
        announce: options.announce,
        allowPrivate: true,
      });
      onStop(() => host.stop());

      const chain = roles.includes('chain')
        ? await startChainRole({
            host,
            home,
            genesis: options.genesis ?? missing('--genesis FILE', 'chain'),
            validatorKeys: options['validator-key'],
            blockMs: options['block-ms'] ?? 1_000,
          })
        : await startFollower(host, await readTrustRootFile(options.chain), signal);
      onStop(() => chain.stop());
      const { chainId, genesisHash, state } = chain;

      let own: (() => Promise<PeerRecord | undefined>) | undefined;
      if (roles.includes('da')) {
        const da = await startDaRole({
          host,
          home,
          state,
          signer: ed25519Signer(await ensureSecret(join(home, 'member.key'))),
          verifyEd25519,
          budgetBytes: (options['da-budget'] ?? DEFAULT_BUDGET_GIB) * 2 ** 30,
          onFault: (error) => output.error(error),
        });
        onStop(() => da.stop());
        own = () => da.node.peerRecord();
      }
      const directory = new PeerDirectory({
        host,
        state,
        clock: systemClock,
        verifyEd25519,
        ...(own === undefined ? {} : { own }),
      });
      onStop(() => directory.stop());
      await serveStatus(host, {
        chainId,
        genesisHash,
        roles,
        head: () => state.head(),
        earliest: () => chain.earliest,
        recentBlobs: () => chain.recentBlobs(),
        peers: () => directory.records(),
        onHead: (listener) => state.onHead(listener),
      });

      const head = state.head();
      const time = chain.headTime;
      output.ready({
        peerId: host.peerId,
        multiaddrs: host.multiaddrs().map((address) => `${address}/p2p/${host.peerId}`),
        roles,
        chainId,
        genesisHash: toHex(genesisHash),
        ...(head === undefined || time === undefined
          ? {}
          : { head: { height: head.height, headerHash: toHex(head.headerHash), time } }),
      } satisfies NodeReady);
      await Promise.race([aborted(signal), chain.running, stdinEnded(options['until-stdin-ends'])]);
    });
  },
});

function missing(option: string, role: string): never {
  throw new PerigeeError('INVALID_ARGUMENT', `role ${role} needs ${option}`);
}
