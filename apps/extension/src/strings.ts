/** Every text that people read in the extension. */
import type { Snapshot, SnapshotBlob } from './snapshot.ts';

const number = new Intl.NumberFormat('en');
export const count = (value: number): string => number.format(value);

/** How long ago, in words. @param ms at least 0 */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}

export function bytes(value: number): string {
  return value < 1_048_576 ? `${Math.round(value / 1_024)} KiB` : `${(value / 1_048_576).toFixed(1)} MiB`;
}

export const badge = {
  noChain: 'Perigee: no chain chosen yet',
  paused: 'Perigee: paused',
  alert: 'Perigee: data is withheld, or headers contradict each other',
  problem: 'Perigee: the light node does not run',
  starting: 'Perigee: looking for the newest block',
  stale: 'Perigee: the newest verified block is old',
  sampling: 'Perigee: sampling the blobs of the newest block',
  current: 'Perigee: the newest block is verified.',
  oneSource: 'Perigee: the newest block is verified, and only one source shows it.',
  bits: (bits: number) => `Its blobs are available but for one chance in 2^${bits}.`,
};

export const popup = {
  title: 'Perigee',
  noChain: { title: 'No chain yet', detail: 'Choose the chain that this light node follows.' },
  choose: 'Choose a chain',
  paused: { title: 'Paused', detail: 'Nothing is asked and nothing is verified.' },
  starting: { title: 'Starting', detail: 'Looking for the newest block.' },
  problem: 'Not running',
  alert: { title: 'Data is missing or false', detail: 'See the blobs below, or open the page of Perigee for evidence.' },
  stale: (height: string, ago: string) => ({
    title: 'Not up to date',
    detail: `Block ${height} is the newest verified, ${ago} old.`,
  }),
  verified: 'Verified',
  oneSource: 'Verified, one source',
  detail: ({ head }: Pick<Snapshot, 'head'>) => {
    if (head === null) return '';
    if (head.blobs === 0) return `Block ${count(head.height)} and the validators' signatures. It recorded no blob.`;
    return `Block ${count(head.height)}; ${head.sampled} of its ${head.blobs} ${head.blobs === 1 ? 'blob' : 'blobs'} sampled.`;
  },
  block: 'Block',
  signed: 'Signed by',
  peers: 'Peers',
  peersOf: (peers: number, webrtc: number) => `${peers}, ${webrtc} over WebRTC`,
  rows: 'Rows verified',
  received: 'Received',
  old: (ago: string) => `as of ${ago} ago`,
  pause: 'Pause',
  resume: 'Resume',
  development: 'Development chain: nothing on it is of value.',
  check: 'Check this commitment or transaction',
  checkButton: 'Check',
  checking: 'Checking…',
  blobs: 'Newest blobs',
  noBlobs: 'None seen yet.',
  sites: 'Sites',
  noSites: 'No site has asked yet.',
  allowed: 'allowed',
  denied: 'denied',
  sees: 'allowed, and sees the whole node',
  allow: 'Allow',
  deny: 'Deny',
  forget: 'Forget',
  about: (act: string, origin: string) => `${act} ${origin}`,
  options: 'Options',
};

const outcomes: Readonly<Record<string, string>> = {
  available: 'available',
  unavailable: 'withheld',
  inconclusive: 'not certain',
  badEncoding: 'wrongly coded',
  expired: 'expired',
  absent: 'not on the chain',
  pending: 'being sampled',
};

export function blobLine({ outcome, verified, drawn }: SnapshotBlob): string {
  const name = outcomes[outcome ?? 'pending'] ?? '';
  return drawn === 0 ? name : `${name}, ${verified} of ${drawn} rows`;
}

export const checked = {
  blob: (state: string, verified: number, drawn: number) =>
    `This blob is ${outcomes[state] ?? state}: ${verified} of ${drawn} rows came and were verified.`,
  expired: 'This blob has expired: nobody owes its rows any more.',
  tx: (height: string, succeeded: boolean) =>
    `This transaction is proved to be in block ${height}, and it ${succeeded ? 'succeeded' : 'failed'}.`,
  nothing: (height: string) =>
    `At block ${height} the chain has no such blob, which is proved, and no peer knows such a transaction.`,
};

export const prompt = {
  title: 'A site asks',
  question: 'may ask what this light node has verified?',
  can: 'It learns that you use Perigee, and the answers: the newest block, whether blobs are available, values of streams.',
  cannot: 'It gets no account, no key and none of your data, and can change nothing. What it asks is fetched over your network.',
  node: {
    question: "may show all of this light node's work in place of running its own?",
    can: 'It sees the whole light node: its peers and their addresses, which blobs were looked at, how much was moved. Allow it to a page of Perigee that you trust.',
    cannot: 'It gets no account and no key, and can change nothing. It may ask for answers as other sites do.',
  },
  allow: 'Allow',
  deny: 'Deny',
  more: (others: number) => `${others} more ${others === 1 ? 'site waits' : 'sites wait'}.`,
  done: 'No site asks now.',
};

export const options = {
  title: 'Perigee: options',
  chain: 'Chain',
  follows: (chainId: string) => `This light node follows ${chainId}.`,
  none: 'This light node follows no chain yet.',
  add: 'Follow another chain',
  hint: 'Paste a chain file (perigee-chain.json) or a web+perigee link with trust=…, or choose a file. Take it only from a source that you trust: everything is verified against it.',
  label: 'Chain file or trust link',
  file: 'Choose a file',
  read: 'Read',
  ask: 'Believe this chain?',
  chainId: 'Chain',
  height: 'Block',
  hash: 'Header hash',
  peers: 'Addresses',
  local: 'Some of these addresses are of this computer or its network, which the extension will then connect to.',
  believe: 'Believe it',
  back: 'Do not',
  bundled: 'Go back to the chain that came with the extension',
  done: 'Followed from now on.',
};

export const failed = 'The light node of the extension does not answer; close this and try again.';
