/** Snapshots of the light node in the states that the view must show well: values of a real run, bent where a state is rare. */
import {
  type BlobView,
  type Confidence,
  type HeaderView,
  type HeadView,
  INITIAL_STATE,
  type LightNodeState,
  type PeerView,
  type RowVerdict,
  type RowView,
} from '@perigee/sampler';

export const NOW = Date.UTC(2026, 10, 23, 19, 30, 4);

const PEERS = ['Kx3v9TqA', 'mB7sW2eR', 'Zp4cQ8nD', 'Hf6yL1uV'].map((end) => `12D3KooWQn5vYbA9kxJ2hT8eRfGz1mCwU4sNpXtd${end}`);
const hex = (length: number, seed: number) =>
  Array.from({ length }, (_, i) => ((i * 73 + seed * 41 + 17) % 256).toString(16).padStart(2, '0')).join('');

export const head: HeadView = {
  height: 12_408,
  headerHash: hex(32, 3),
  timeMs: NOW - 2_100,
  verifiedAtMs: NOW - 1_900,
  verifyMs: 3.4,
  validators: 4,
  sources: PEERS.slice(0, 3),
  signedPower: 1,
  confidence: { height: 12_405, sampled: 1, blobs: 1, bits: 40 },
};

/** A visit that began at the root, went over a change of validators in two steps, and follows since. */
const headers: readonly HeaderView[] = [
  ...[0, 1, 2, 3, 4, 5].map((back) => ({ height: head.height - back, way: 'sequential', from: head.height - back - 1 }) as const),
  { height: head.height - 6, way: 'skipping', from: 7_204 } as const,
  { height: 7_204, way: 'skipping', from: 1_204 } as const,
  { height: 1_204, way: 'anchor', from: undefined } as const,
].map((header, i) => ({
  ...header,
  headerHash: hex(32, 3 + i),
  timeMs: head.timeMs - (head.height - header.height) * 1_000,
  proposer: hex(20, i % 4),
  validators: 4,
  signatures: header.way === 'skipping' ? 4 : 3,
  signedPower: i === 0 ? undefined : i === 2 ? 0.75 : 1,
  verifyMs: header.way === 'sequential' ? 2.9 + i / 10 : 6.1,
}));

const INDICES = [2971, 14, 871, 3902, 1203, 2210, 58, 3333, 1999, 640, 2750, 3021, 412, 1777, 3650, 95, 2488, 1060, 3187, 222];

function row(index: number, place: number, verdict: RowVerdict = 'verified'): RowView {
  const answered = verdict === 'verified' || verdict.startsWith('invalid');
  return {
    index,
    verdict,
    peerId: verdict === 'asked' && place > 14 ? undefined : PEERS[place % 4],
    transport: 'webrtc-direct',
    fromPage: false,
    answerMs: answered ? 4.2 + place * 1.7 : undefined,
    verifyUs: answered ? 38 + place : undefined,
    bytes: answered ? 4_544 : 0,
  };
}

/** At 4×, roughly: two bits for each row that came, about as many lost for one that did not. */
function confidence(drawn: number, verified: number): Confidence {
  return {
    drawn,
    verified,
    rounds: Math.max(1, 1 + Math.ceil((drawn - 20) / 10)),
    budget: 512,
    target: 40,
    availabilityBits: Math.max(0, 2 * verified - 2.5 * (drawn - verified) + 0.09),
    unavailabilityBits: Math.max(0, (drawn - verified) * 0.4 - verified * 0.9),
    encodingBits: verified * 0.678,
  };
}

function blob(
  verdicts: (place: number) => RowVerdict,
  change: Partial<BlobView> = {},
  indices: readonly number[] = INDICES,
): BlobView {
  const rows = indices.map((index, place) => row(index, place, verdicts(place)));
  const verified = rows.filter((r) => r.verdict === 'verified').length;
  const isDone = rows.every((r) => r.verdict !== 'asked');
  const isAvailable = isDone && verified === rows.length;
  return {
    blobId: `00${hex(32, 9)}`,
    phase: rows.some((r) => r.verdict === 'asked') ? 'sampling' : 'done',
    error: undefined,
    record: {
      height: 12_390,
      expiryHeight: 13_390,
      length: 4_194_304,
      k: 1024,
      n: 3072,
      rowSize: 4_160,
      redundancy: 4,
      namespace: '70657269676565',
      quorum: 0,
      persist: false,
      publisher: hex(20, 5),
      epoch: 20,
      signers: 4,
      members: 4,
      signedStake: 1,
    },
    provedAt: 12_406,
    rows,
    verified,
    operators: 4,
    confidence: confidence(rows.length, verified),
    outcome: isAvailable ? 'available' : undefined,
    outcomeAtMs: isAvailable ? NOW - 1_200 : undefined,
    stored: false,
    earlier: false,
    evidenceId: undefined,
    ...change,
  };
}

export const peers: readonly PeerView[] = PEERS.map((peerId, i) => ({
  peerId,
  transport: i === 2 ? 'websocket' : 'webrtc-direct',
  address:
    i === 2
      ? '/ip4/127.0.0.1/tcp/41021/ws'
      : `/ip4/127.0.0.1/udp/4100${i}/webrtc-direct/certhash/uEiDk3Vt0lWm1cF7bqV9sJ2xGZp5aYhNnR8oUe4wTqKCxBg`,
  fallback: i === 2 ? 'webrtc-direct had not connected after 2004 ms' : undefined,
  connected: true,
  member: hex(20, i + 1),
  isPage: false,
  roles: ['chain', 'da'],
  storage: undefined,
  rowsVerified: 5,
  rowsFailed: 0,
  bytesIn: 141_320 - i * 20_000,
  bytesOut: 4_000,
  latencyMs: 3.4 + i,
  score: 0.98,
  banned: undefined,
  error: undefined,
}));

const live: LightNodeState = {
  ...INITIAL_STATE,
  phase: 'live',
  chain: {
    chainId: `devnet-${hex(4, 5)}`,
    genesisHash: hex(32, 5),
    development: true,
    collateralFloors: {},
    maxRetentionBlocks: 1_209_600,
  },
  head,
  headers,
  freshness: 'current',
  peers,
  blobs: [blob(() => 'verified')],
  boot: (['worker', 'network', 'connect', 'header', 'state', 'prime', 'row'] as const).map((name, i) => ({
    name,
    atMs: 41 + i * 87.3,
  })),
  rowsVerified: 20,
  bytesIn: 421_880,
  bytesOut: 16_300,
  clock: { state: 'ok', offsetMs: 0 },
  storage: { usedBytes: 3_402_000, budgetBytes: 50_000_000, error: undefined },
  events: (
    [
      ['connected', PEERS[0], { transport: 'webrtc-direct' }],
      ['head', '12406', { verifyMs: 3.4 }],
      ['sampling', `00${hex(32, 9)}`, { rows: 20 }],
      ['outcome', `00${hex(32, 9)}`, { outcome: 'available', bits: 40.1, verified: 20, drawn: 20 }],
      ['head', '12407', { verifyMs: 2.9 }],
      ['head', '12408', { verifyMs: 3.1 }],
    ] as const
  ).map(([kind, about, data], i) => ({ id: i + 1, atMs: NOW - 9_000 + i * 1_400, kind, about: about ?? '', data })),
};

/** Distinct indices below `total`, the same in every run. */
function spread(length: number, total: number): number[] {
  return Array.from({ length }, (_, i) => Math.floor(((i * 0.618_034 + 0.137) % 1) * total));
}

const large: BlobView['record'] = {
  height: 12_390,
  expiryHeight: 13_390,
  length: 32_505_852,
  k: 4096,
  n: 12_288,
  rowSize: 7_936,
  redundancy: 4,
  namespace: '70657269676565',
  quorum: 7_500,
  persist: true,
  publisher: hex(20, 5),
  epoch: 20,
  signers: 3,
  members: 4,
  signedStake: 0.75,
};

const older = (seed: number, change: Partial<BlobView> = {}) =>
  blob(() => 'verified', { blobId: `00${hex(32, seed)}`, ...change });

/** By name, as the story page and the tests ask for them. */
export const SNAPSHOTS = {
  starting: INITIAL_STATE,
  connecting: { ...INITIAL_STATE, phase: 'connecting', boot: live.boot.slice(0, 2) },
  empty: { ...live, blobs: [], boot: live.boot.slice(0, 4), rowsVerified: 0, peers: peers.slice(0, 1), freshness: 'one source' },
  proving: {
    ...live,
    blobs: [
      blob(() => 'asked', { phase: 'proving', record: undefined, provedAt: undefined, rows: [], verified: 0, operators: 0 }),
    ],
  },
  sampling: { ...live, blobs: [blob((place) => (place < 11 ? 'verified' : 'asked')), older(21)], rowsVerified: 11 },
  sampled: { ...live, blobs: [blob(() => 'verified'), older(21), older(22), older(23)], rowsVerified: 80 },
  mixed: {
    ...live,
    blobs: [
      blob((place) => (({ 3: 'withheld', 7: 'timeout', 8: 'timeout', 12: 'invalid/peer' }) as const)[place] ?? 'verified'),
      older(21),
    ],
    peers: peers.map((peer, i) =>
      i === 0 ? { ...peer, connected: false, rowsFailed: 1, banned: 'sent a row whose path is wrong' } : peer,
    ),
  },
  badEncoding: {
    ...live,
    blobs: [
      blob((place) => (place === 5 ? 'invalid/encoding' : 'verified'), {
        outcome: 'badEncoding',
        outcomeAtMs: NOW - 800,
        evidenceId: 'e1',
        confidence: { ...confidence(20, 19), encodingBits: 0 },
      }),
      older(24, { earlier: true, outcomeAtMs: NOW - 7_200_000 }),
    ],
    evidence: [{ id: 'e1', blobId: `00${hex(32, 9)}`, foundAtMs: NOW - 800, bytes: 48_220 }],
  },
  /** A 32 MB blob at 4× of which much is withheld, after many rounds. */
  unavailable: {
    ...live,
    blobs: [
      blob(
        (place) => (place % 9 === 0 ? 'verified' : place % 9 < 6 ? 'withheld' : 'timeout'),
        { phase: 'done', outcome: 'unavailable', outcomeAtMs: NOW - 500, record: large },
        spread(190, 16_384),
      ),
      older(25, { phase: 'done', outcome: 'inconclusive', outcomeAtMs: NOW - 60_000 }),
    ],
    head: { ...head, confidence: { height: 12_405, sampled: 1, blobs: 2, bits: 0 } },
  },
  eclipse: { ...live, freshness: 'stale', head: { ...head, timeMs: NOW - 95_000, verifiedAtMs: NOW - 94_800 } },
  clock: { ...live, clock: { state: 'behind', offsetMs: 3_600_000 } },
  full: {
    ...live,
    storage: {
      usedBytes: 0,
      budgetBytes: 50_000_000,
      error: { code: 'STORE_FULL', message: 'the quota of this address is used up' },
    },
  },
  alone: {
    ...live,
    freshness: 'stale',
    head: { ...head, timeMs: NOW - 95_000, verifiedAtMs: NOW - 94_800 },
    peers: peers.map((peer) => ({ ...peer, connected: false, error: 'the connection was lost' })),
  },
  failed: {
    ...INITIAL_STATE,
    phase: 'failed',
    error: { code: 'TRUST_EXPIRED', message: 'the trust root is 15.2 days old; it can vouch for 14 days' },
  },
} as const satisfies Record<string, LightNodeState>;

export type SnapshotName = keyof typeof SNAPSHOTS;
