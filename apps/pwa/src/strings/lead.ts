/** The one sentence that says where things stand. */
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
