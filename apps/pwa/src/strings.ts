/** Every word that the page shows. Sentences that carry values are functions of them. */
import type { BlobView, BootStep, Freshness, RowVerdict, Transport } from '@perigee/sampler';
import type { ErrorCode } from '@perigee/wire';

export const NAME = 'Perigee';
/** Stands where a value is not known yet, or does not exist. */
export const NONE = '–';

export const VERDICTS: readonly RowVerdict[] = ['verified', 'asked', 'timeout', 'withheld', 'invalid/peer', 'invalid/encoding'];

/** `name` is for the legend, `meaning` for one row. */
export const verdict: Record<RowVerdict, { readonly name: string; readonly meaning: string }> = {
  asked: { name: 'asked', meaning: 'Asked for, no answer yet.' },
  verified: { name: 'verified', meaning: 'Path and coding checked in this browser.' },
  withheld: { name: 'withheld', meaning: 'Its holder signed for it and refused it, and nobody else gave it.' },
  timeout: { name: 'no answer', meaning: 'No peer answered in time.' },
  'invalid/peer': { name: 'false proof', meaning: 'The proof does not lead to the commitment: the peer that sent it is banned.' },
  'invalid/encoding': {
    name: 'wrongly coded',
    meaning: 'Committed to, yet not what the code demands: evidence against the blob and its signers.',
  },
};

export const transport: Record<Transport, string> = {
  'webrtc-direct': 'WebRTC',
  websocket: 'WebSocket',
  tcp: 'TCP',
  other: 'other',
};

export const bootStep: Record<BootStep['name'], string> = {
  worker: 'Worker',
  network: 'Network',
  connect: 'Peer',
  header: 'Block',
  state: 'Record',
  prime: 'Commitment',
  row: 'First row',
};

export const blobPhase: Record<BlobView['phase'], string> = {
  proving: 'named by a peer, not proved',
  priming: 'opening the commitment',
  sampling: 'sampling',
  done: 'sampled',
  failed: 'stopped',
};

export const freshness = {
  name: (value: Freshness | undefined, asOf: string): string =>
    value === undefined ? 'not known yet' : value === 'stale' ? `as of ${asOf}` : value,
  meaning: {
    current: 'Recent, and peers with different committee keys show this block.',
    'one source': 'Recent, but only one peer has shown this block.',
    stale: 'Older than 30 seconds: newer blocks may exist that no peer has shown.',
  } satisfies Record<Freshness, string>,
} as const;

export const lead = {
  loading: { title: 'Starting', detail: 'Loading the light node into this page.' },
  starting: { title: 'Starting', detail: 'Starting the worker that checks, and the network.' },
  connecting: { title: 'Connecting', detail: 'Looking for a peer of this chain.' },
  verifying: { title: 'Checking the newest block', detail: 'Its signatures are checked down from the root this page came with.' },
  paused: { title: 'Paused', detail: 'Nothing is asked and nothing is checked until you resume.' },
  failed: { title: 'The light node stopped', detail: 'What went wrong, and what to do about it, is below.' },
  /** Told to a screen reader in place of a title whose number changes every second. */
  blockVerified: 'The newest block is verified',
  samplingBegan: 'Sampling',
  noBlob: (height: string) => ({
    title: `Block ${height} is verified`,
    detail: 'No blob has been sampled yet. The next one published on this chain is sampled here by itself.',
  }),
  proving: (height: string) => ({
    title: `Block ${height} is verified`,
    detail: 'A peer named a blob. Its record is being proved from the state of the chain.',
  }),
  sampling: (verified: string, drawn: string) => ({
    title: `${verified} of ${drawn} drawn rows verified`,
    detail: 'Rows were drawn at random before any was asked for; each is checked in a worker of this browser.',
  }),
  sampled: (drawn: string, height: string) => ({
    title: `All ${drawn} drawn rows are verified`,
    detail: `Drawn at random, checked in a worker of this browser, under a record proved by block ${height}.`,
  }),
  missing: (verified: string, drawn: string) => ({
    title: `Only ${verified} of ${drawn} drawn rows are verified`,
    detail: 'The others are listed below with what became of each. A row that was drawn is never replaced by another.',
  }),
  badEncoding: {
    title: 'This blob is wrongly coded',
    detail: 'A row that the blob commits to is not what the code demands. That is evidence against the blob and its signers.',
  },
  unreachable: {
    title: 'No peer of this chain can be reached',
    detail: 'Check that the network is up and that the node behind this page still runs. The page keeps trying by itself.',
  },
  refused: {
    title: 'Every peer was refused',
    detail:
      'Each is banned, for the reason that the table below gives. Reload the page to begin with what this address serves now.',
  },
  alone: (asOf: string) => ({
    title: 'No peer answers',
    detail: `What you see was verified by ${asOf} and stays true of that time. The page keeps trying by itself.`,
  }),
} as const;

export const slower = 'Slower than usual: the page is still trying.';

export const banner = {
  unknown: 'Whether this is a development chain is not proved yet.',
  development: 'Development chain, one operator: for trying things out, not for trust.',
  production: 'Not a development chain, by its genesis.',
} as const;

export const head = {
  title: 'Newest verified block',
  height: 'Height',
  hash: 'Header hash',
  age: 'Age',
  freshness: 'Freshness',
  validators: 'Validators',
  verify: 'Checked in',
  sources: 'Shown by',
  peers: (n: number): string => (n === 1 ? '1 peer' : `${n} peers`),
  ago: (age: string): string => `${age} ago`,
  genesis: 'Genesis hash',
  chain: 'Chain',
} as const;

export const blob = {
  title: 'Blob',
  waiting: 'Waiting for a blob of this chain',
  id: 'Blob id',
  size: 'Size',
  code: 'Code',
  codeValue: (k: string, n: string, rowSize: string): string => `${k} + ${n} rows of ${rowSize}`,
  namespace: 'Namespace',
  recorded: 'Recorded',
  recordedValue: (height: string, provedAt: string): string => `${height}, proved by ${provedAt}`,
  expires: 'Kept until',
  operators: 'Answered by',
  operatorsValue: (n: number): string => (n === 1 ? '1 committee key' : `${n} committee keys`),
  trust: 'Certified by',
  trustValue: (share: string, signers: string, members: string): string => `${share} of stake, ${signers} / ${members} keys`,
  trustNote: 'Trust in signers. It stands apart from what this browser checked and is never added to it.',
  phase: 'State',
} as const;

export const rows = {
  title: 'Drawn rows',
  none: 'Rows are drawn once the record is proved.',
  group: 'Drawn rows; arrow keys move between them',
  cell: (index: number, name: string): string => `Row ${index}: ${name}`,
  original: 'original',
  parity: 'parity',
  strip: (drawn: number, total: string): string => `Where the ${drawn} drawn rows lie among all ${total} rows of the blob`,
  stripOriginal: (k: string): string => `${k} original`,
  stripParity: (n: string): string => `${n} parity`,
  hint: 'Point at a row, or move to it by keyboard, to see what became of it.',
  table: 'The same as a table',
  row: 'Row',
  part: 'Part',
  verdict: 'Verdict',
  peer: 'Peer',
  transport: 'Transport',
  answered: 'Answered in',
  checked: 'Checked in',
  bytes: 'Size',
} as const;

export const peers = {
  title: 'Peers',
  none: 'No peer yet.',
  peer: 'Peer',
  connection: 'Connection',
  rows: 'Rows',
  verified: (n: string): string => `${n} verified`,
  failed: (n: string): string => `${n} failed`,
  received: (size: string): string => `${size} received`,
  member: (address: string): string => `committee member ${address}`,
  hint: (roles: string): string => `says of itself: ${roles}`,
  /** `why` comes from the network layer. */
  fallback: (taken: string, why: string): string => `${taken}, because ${why}`,
  offline: 'not connected',
  banned: (why: string): string => `banned: ${why}`,
  noWebrtc: 'This browser offers no WebRTC, so rows come over WebSocket. They are checked all the same.',
} as const;

export const recent = {
  title: 'Recent blobs',
  none: 'None yet.',
  progress: (verified: string, drawn: string): string => `${verified} of ${drawn} rows`,
} as const;

export const boot = { title: 'From start to first row', pending: 'waiting' } as const;

export const about = {
  title: 'What this shows, and what it does not',
  paragraphs: [
    'Everything here was checked in this browser: block signatures from a root that came with the page, the blob’s record by a proof from the state of the chain, and each row by its path and by the code. Peers are believed in nothing; what they merely say is marked.',
    'The rows are drawn at random before any is asked for, so someone who hides enough of a blob to make it unrecoverable is caught with a chance that grows with every row. That holds against servers that cannot single you out. Against one that can, protection is collective: many readers sample, keep and pass on what they verified.',
  ],
} as const;

export const controls = { pause: 'Pause', resume: 'Resume', restart: 'Try again', reload: 'Reload' } as const;

export const footer = {
  totals: (verified: string, bytes: string): string => `${verified} rows verified, ${bytes} received since this page opened`,
  started: 'Nothing received yet',
} as const;

/** What a person can do about a refusal. */
export interface Advice {
  readonly title: string;
  readonly next: string;
}

const unknown: Advice = {
  title: 'Something went wrong that the page did not expect',
  next: 'Reload the page. If it comes back, give the code and the sentence below to whoever runs this address.',
};

const advice: Partial<Record<ErrorCode, Advice>> = {
  UNREACHABLE: {
    title: 'No peer of this chain can be reached',
    next: 'Check that the network is up and that the node which serves this page still runs (npm start). The page keeps trying; Try again asks at once.',
  },
  TIMEOUT: { title: 'The peers answer too slowly', next: 'The page keeps trying. If it stays so, check your connection.' },
  WRONG_CHAIN: {
    title: 'The peers belong to another chain',
    next: 'The chain behind this address was replaced. Reload to take the root that it serves now; if that does not help, its operator has to renew it.',
  },
  TRUST_ROOT: {
    title: 'The page has no valid root of trust',
    next: 'The address must serve /perigee-chain.json of the chain it belongs to; npm start writes it. Ask its operator, then reload.',
  },
  TRUST_EXPIRED: {
    title: 'The root of trust is too old to vouch for anything',
    next: 'A root may vouch for two weeks. Ask the operator of this address for a newer page; never take a root from a stranger.',
  },
  HEADER_FUTURE: {
    title: 'The chain is ahead of your clock',
    next: 'Set the clock of this device, then try again. If your clock is right, the chain’s validators lie about the time.',
  },
  NOT_ENOUGH_TRUST: {
    title: 'The newest block cannot be tied to the root of trust',
    next: 'Do not rely on what peers say now. Try again later, or ask the operator of this address for a newer page.',
  },
  NOT_ENOUGH_POWER: {
    title: 'A block without enough signatures was shown',
    next: 'It was refused. The page goes on with other peers.',
  },
  PRUNED: { title: 'The peers no longer keep what is needed', next: 'Reload the page to begin at a newer block.' },
  NOT_FOUND: { title: 'The chain holds no such blob', next: 'That is proved. Check the id, or who gave it to you.' },
  BLOB_EXPIRED: { title: 'The time of this blob is over', next: 'Nobody owes its rows any more, so nothing is asked for them.' },
  UNPROVEN: { title: 'No peer could prove its answer', next: 'Nothing unproved is shown. Try again in a minute.' },
  ROW_ROOT_MISMATCH: {
    title: 'The blob is not what its certificate says',
    next: 'That is evidence against the keys that signed it. Do not rely on this blob.',
  },
  REFUSED: { title: 'The peers refuse to answer', next: 'They may be busy. Try again in a minute.' },
  BUSY: { title: 'The peers are busy', next: 'Try again in a minute.' },
  OUT_OF_MEMORY: { title: 'The browser has no memory left for the checks', next: 'Close other pages and reload this one.' },
};

/** What the page itself needs, by the `missing` that an UNSUPPORTED error names. */
const missing: Record<string, Advice> = {
  WebAssembly: {
    title: 'This browser does not run WebAssembly',
    next: 'The checks need it. Allow WebAssembly for this address (strict security modes switch it off), or use a current browser.',
  },
  Worker: {
    title: 'This browser does not run workers',
    next: 'The checks run in one. Use a current version of Chrome, Edge, Firefox or Safari.',
  },
  'secure context': {
    title: 'This address is not secure enough to check anything',
    next: 'Browsers offer cryptography only on https addresses and on this very machine (127.0.0.1). Open the page by one of these.',
  },
};

export function adviceFor(code: ErrorCode, missingPart?: string): Advice {
  return (missingPart === undefined ? undefined : missing[missingPart]) ?? advice[code] ?? unknown;
}

export const problem = { code: 'Code' } as const;

export function pageTitle(height: string | undefined): string {
  return height === undefined ? NAME : `Block ${height} – ${NAME}`;
}
