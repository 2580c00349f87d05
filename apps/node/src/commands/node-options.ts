import type { OptionSpecs } from '../cli/args.ts';
import { UNTIL_STDIN_ENDS } from '../cli/lifetime.ts';
import { MONITOR_OPTIONS } from '../health/monitor.ts';
import { COMET_OPTIONS } from '../roles/comet-engine.ts';
import { COMPUTE_OPTIONS } from '../roles/compute-options.ts';
import { ZEROG_OPTIONS } from '../roles/zerog-role.ts';
import { TRUST_OPTIONS } from '../trust.ts';

export const ROLES = ['chain', 'da', 'storage', 'compute'];
const ENGINES = ['embedded', 'cometbft'];
export const DEFAULT_BUDGET_GIB = 10;

export const NODE_OPTIONS = {
  home: { kind: 'text', value: 'DIR', help: 'where its keys and data are kept (required)' },
  role: { kind: 'text', value: 'ROLES', help: `roles, separated by commas: ${ROLES.join(', ')} (default da)` },
  ...TRUST_OPTIONS,
  genesis: { kind: 'text', value: 'FILE', help: 'genesis of the chain (role chain)' },
  engine: {
    kind: 'text',
    value: 'ENGINE',
    oneOf: ENGINES,
    help: `what makes the blocks: ${ENGINES.join(', ')} (role chain; default embedded, for development only)`,
  },
  'validator-key': {
    kind: 'list',
    value: 'FILE',
    help: 'key of a validator; with the embedded engine once for each, with cometbft one, or none to follow (role chain)',
  },
  ...COMET_OPTIONS,
  'faucet-key': {
    kind: 'text',
    value: 'FILE',
    help: 'give tokens to whoever asks, from the account that genesis names (role chain)',
  },
  'block-ms': {
    kind: 'number',
    value: 'MS',
    range: [10, 60_000],
    help: 'time between blocks without transactions (role chain; default 1000)',
  },
  'trust-height': {
    kind: 'integer',
    value: 'HEIGHT',
    range: [1, Number.MAX_SAFE_INTEGER],
    help: 'header to name when it is ready, for others to trust (role chain; default: the latest)',
  },
  'da-budget': {
    kind: 'number',
    value: 'GIB',
    range: [0.01, 1_000_000],
    help: `disk for rows (role da; default ${DEFAULT_BUDGET_GIB})`,
  },
  shard: {
    kind: 'text',
    value: 'I/N',
    help: 'segments of files that are kept: of each N the one numbered I, from 0 (role storage; default 0/1, all)',
  },
  'storage-budget': {
    kind: 'number',
    value: 'GIB',
    range: [0.01, 1_000_000],
    help: `disk for segments of files (role storage; default ${DEFAULT_BUDGET_GIB})`,
  },
  ...ZEROG_OPTIONS,
  ...COMPUTE_OPTIONS,
  relay: {
    kind: 'flag',
    help: 'introduce browsers to each other, so that pages give rows to pages (bounded; no row passes through it)',
  },
  listen: { kind: 'text', value: 'ADDRESS', help: 'IP address to listen on (default 127.0.0.1; 0.0.0.0 for all)' },
  announce: { kind: 'list', value: 'MULTIADDR', help: 'address to tell others instead; may be given again' },
  'tcp-port': { kind: 'integer', value: 'PORT', range: [0, 65_535], help: 'port for nodes (default 0: a free one)' },
  'ws-port': { kind: 'integer', value: 'PORT', range: [0, 65_535], help: 'WebSocket port for browsers (default 0: a free one)' },
  'webrtc-port': { kind: 'integer', value: 'PORT', range: [0, 65_535], help: 'UDP port for browsers (default 0: a free one)' },
  'webtransport-port': {
    kind: 'integer',
    value: 'PORT',
    range: [0, 65_535],
    help: 'UDP port for browsers over WebTransport, 0 for a free one; needs Deno (default: not listened on)',
  },
  deno: {
    kind: 'text',
    value: 'PATH',
    help: 'the program of Deno (default: that of the npm package deno, looked for from this folder upwards)',
  },
  ...MONITOR_OPTIONS,
  'until-stdin-ends': UNTIL_STDIN_ENDS,
} as const satisfies OptionSpecs;
