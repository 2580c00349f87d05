import { resolve } from 'node:path';
import { parseTrustLink } from '@perigee/light-core/comet';
import { isPeerMultiaddr, isPrivateMultiaddr } from '@perigee/net';
import type { LightNodeOptions } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import type { OptionSpecs, Options } from './cli/args.ts';
import { readFileOf } from './files.ts';

/** Where a devnet that was started in this folder keeps its things. */
export const DEVNET_HOME = '.perigee/devnet';
/** Where the commands of a user keep what is theirs. */
export const LIGHT_HOME = '.perigee/light';

/** For every command that follows a chain: what is believed, and whom to ask. */
export const TRUST_OPTIONS = {
  chain: {
    kind: 'text',
    value: 'FILE',
    help: `trust root of the chain to follow (default ${DEVNET_HOME}/perigee-chain.json)`,
  },
  trust: { kind: 'text', value: 'ID:HEIGHT:HASH', help: 'believe this header instead, of which you know that it is right' },
  peer: {
    kind: 'list',
    value: 'MULTIADDR',
    help: 'one more peer to ask, ending in /p2p/…; may be given again, and adds no trust',
  },
} as const satisfies OptionSpecs;

/** What a light node believes, and where it begins to ask. */
export type Trust = Pick<LightNodeOptions, 'trustRoot' | 'trustLink' | 'peers' | 'allowPrivate'>;

/** @throws NOT_FOUND, INVALID_ARGUMENT, TRUST_ROOT */
export async function readTrust({ chain, trust, peer }: Options<typeof TRUST_OPTIONS>): Promise<Trust> {
  const bad = peer.find((address) => !isPeerMultiaddr(address));
  if (bad !== undefined) {
    const words = `--peer is "${bad.slice(0, 160)}"; it must be a multiaddr that ends in /p2p/<peer id>`;
    throw new PerigeeError('INVALID_ARGUMENT', words);
  }
  // who names a peer on a private network means it; peers that others tell of are another matter
  const peers = peer.length === 0 ? {} : { peers: peer, ...(peer.some(isPrivateMultiaddr) ? { allowPrivate: true } : {}) };
  if (trust === undefined) return { trustRoot: await readTrustRootFile(chain), ...peers };
  if (chain !== undefined) {
    throw new PerigeeError('INVALID_ARGUMENT', '--trust and --chain both say what to believe: name one of them');
  }
  if (peer.length === 0) throw new PerigeeError('INVALID_ARGUMENT', '--trust needs at least one --peer MULTIADDR to ask');
  parseTrustLink(trust); // says what is wrong with it before anything is started
  return { trustLink: trust, ...peers };
}

/** @throws NOT_FOUND */
export async function readTrustRootFile(path: string | undefined): Promise<string> {
  const file = resolve(path ?? `${DEVNET_HOME}/perigee-chain.json`);
  return (await readFileOf(file, 'the trust root of the chain (--chain FILE; "npm start" writes one)')).toString('utf8');
}
