import type { Circumstance } from '../settings/thrift.ts';

/** The one sentence that says where things stand. */
export const lead = {
  loading: { title: 'Starting', detail: 'Loading the light node into this page.' },
  starting: { title: 'Starting', detail: 'Starting the worker that checks, and the network.' },
  connecting: { title: 'Connecting', detail: 'Looking for a peer.' },
  verifying: { title: 'Checking the newest block', detail: 'Its signatures are checked down from the root this page came with.' },
  paused: { title: 'Paused', detail: 'Nothing is asked and nothing is checked until you resume.' },
  resting: (because: string) => ({
    title: 'Resting',
    detail: `Nothing is asked ${because}, as you set it. Resume it to go on all the same.`,
  }),
  failed: { title: 'The light node stopped', detail: 'What went wrong, and what to do about it, is below.' },
  /** Told to a screen reader in place of a title whose number changes every second. */
  blockVerified: 'The newest block is verified',
  samplingBegan: 'Sampling',
  noBlob: (height: string) => ({
    title: `Block ${height} is verified`,
    detail: 'No blob has been sampled yet. The next one published on this chain is sampled here by itself.',
  }),
  opening: { title: 'Opening a blob', detail: 'Its record is being proved from the state of the chain.' },
  wrongLink: (why: string) => ({ title: 'This cannot be opened', detail: why }),
  proving: (height: string) => ({
    title: `Block ${height} is verified`,
    detail: 'A peer named a blob. Its record is being proved from the state of the chain.',
  }),
  sampling: (verified: string, drawn: string) => ({
    title: `${verified} of ${drawn} drawn rows verified`,
    detail: 'Rows were drawn at random before any was asked for; each is checked in a worker of this browser.',
  }),
  available: (verified: string, drawn: string, chance: string) => ({
    title: `Available: ${verified} of ${drawn} drawn rows are verified`,
    detail: `Drawn at random and checked in this browser. Had too few rows been kept to recover this blob, a draw would look so with a chance of ${chance} at most.`,
  }),
  unavailable: (verified: string, drawn: string) => ({
    title: `Unavailable: only ${verified} of ${drawn} drawn rows came`,
    detail: 'Every holder was asked. A blob that can be recovered would hardly have shown so few rows.',
  }),
  inconclusive: (verified: string, drawn: string) => ({
    title: `Not decided: ${verified} of ${drawn} drawn rows are verified`,
    detail: 'Within its budget sampling decided neither way. Retrieving the blob decides.',
  }),
  expired: {
    title: 'The time of this blob is over',
    detail: 'Nobody owes its rows any more, so nothing is asked for them.',
  },
  earlier: (name: string, time: string) => ({
    title: `Found earlier: ${name}`,
    detail: `This was found ${time}, before the light node last started. Nothing of it counts as sampled now.`,
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
    detail: 'Check the network, and that the node behind this page runs. The page keeps trying.',
  },
  refused: {
    title: 'Every peer was refused',
    detail:
      'Each is banned, for the reason that the table below gives. Reload the page to begin with what this address serves now.',
  },
  offline: (asOf: string) => ({
    title: 'This device is offline',
    detail: `What you see was verified by ${asOf} and stays true of that time. The page goes on by itself when the network is back.`,
  }),
  noNetwork: { title: 'This device is offline', detail: 'The page goes on by itself when the network is back.' },
  eclipse: (height: string, since: string) => ({
    title: `No block after ${height} since ${since}`,
    detail:
      'Peers answer, but none shows a newer block. The chain may stand still, or these peers hide newer blocks from you (an eclipse). What you see was true at that time.',
  }),
  clock: (by: string, way: 'behind' | 'ahead') => ({
    title: `Your clock is ${by} ${way}`,
    detail:
      way === 'behind'
        ? 'Verified blocks seem to come from the future, so no new one is taken. Set the clock of this device.'
        : 'Verified blocks seem older than they are, so how fresh they are cannot be told. Set the clock of this device.',
  }),
  alone: (asOf: string) => ({
    title: 'No peer answers',
    detail: `What you see was verified by ${asOf} and stays true of that time. The page keeps trying by itself.`,
  }),
} as const;

/** What the device is short of, as the end of a sentence. */
export const circumstance: Record<Circumstance, string> = {
  onBattery: 'on battery',
  onMetered: 'on a metered connection',
  onHidden: 'while this tab is hidden',
};
