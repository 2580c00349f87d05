import type { PublishStage, RetrieveTask, Task } from '../model.ts';

export const open = {
  title: 'Open a blob',
  label: 'Commitment, blob id or link',
  button: 'Open',
  hint: 'It is sampled here before anything is said of it.',
  empty: 'There is nothing to open: paste a commitment, a blob id or a link.',
  opening: (id: string): string => `Opening ${id}: its record is proved, and rows of it are asked for.`,
  opened: (id: string, outcome: string): string => `Opened ${id}: ${outcome}.`,
  show: 'Go to it',
} as const;

export const publish = {
  title: 'Publish a file',
  choose: 'Choose a file',
  drop: 'or drop one here',
  limit: (size: string): string => `Up to ${size}. Anyone can read what is published.`,
  nothingChosen: 'no file chosen yet',
  chosen: (name: string, size: string): string => `${name}, ${size}`,
  button: 'Publish',
  resumes: 'The page is paused: publishing resumes it.',
  policy: 'Policy',
  namespace: 'Namespace',
  redundancy: 'Redundancy',
  redundancyValue: (times: number): string => `${times}×`,
  retention: (most: string | undefined): string =>
    most === undefined ? 'Kept for, in blocks' : `Kept for, in blocks, at most ${most}`,
  retentionSpan: (blocks: string, span: string): string => `${blocks} blocks are ${span} where one comes each second.`,
  quorum: 'Signed stake above',
  quorumFloor: 'the least',
  persist: 'Ask to keep it on after that',
  account: 'Account',
  balance: 'Balance',
  accountNone: 'made when it is first needed',
  session: (left: string, height: string): string =>
    `It is your wallet’s: this browser may publish for it until block ${height}, and spend ${left}`,
  storedKey: 'This browser knows no keys that scripts cannot read, so the key lies in the storage of this page.',
  problem: {
    empty: 'This file is empty, and an empty blob cannot be published.',
    tooLarge: (limit: string): string => `This file is too large: at most ${limit} bytes at this redundancy.`,
    namespace: 'A namespace has 1 to 28 bytes.',
    retention: 'Give a whole number of blocks, at least 1.',
    tooLong: (most: string): string => `This chain keeps a blob for at most ${most} blocks.`,
  },
} as const;

export const tasks = {
  title: 'Published and retrieved here',
  none: 'What you publish or retrieve is listed here.',
  /** What it is called while it runs, once it is done, and where it came to nothing. */
  name: {
    publish: { running: 'Publishing', done: 'Published', failed: 'Not published:', interrupted: 'Interrupted:' },
    retrieve: { running: 'Retrieving', done: 'Retrieved', failed: 'Not retrieved:', interrupted: 'Interrupted:' },
  } satisfies Record<Task['kind'], Record<Task['status'], string>>,
  stage: {
    publish: {
      read: 'reading the file',
      fund: 'asking the faucet of this development chain for tokens',
      encode: 'coding its rows',
      upload: 'sending the rows',
      certify: 'collecting signatures',
      record: 'waiting for the block that records it',
      done: 'recorded',
    } satisfies Record<PublishStage, string>,
    retrieve: {
      prove: 'proving its record',
      rows: 'fetching rows',
      reconstruct: 'reconstructing',
      compare: 'coding again and comparing with the commitment',
      write: 'writing the file',
      done: 'verified whole',
    } satisfies Record<RetrieveTask['stage'], string>,
  },
  sent: (sent: string, all: string): string => `${sent} of ${all}`,
  signed: (signed: string, members: string): string => `${signed} of ${members} keys signed`,
  refused: (refused: string): string => `${refused} refused`,
  rows: (rows: string, needed: string): string => `${rows} of ${needed} rows`,
  received: (size: string): string => `${size} received`,
  interrupted: 'The page was closed meanwhile. Choose the same file again: only what is missing is sent.',
  retry: 'Try again',
  wasThere: 'The chain had it already; nothing was sent.',
  otherNamespace: (namespace: string): string => `It is recorded in the namespace “${namespace}”, and stays there.`,
  recorded: (height: string, expiry: string): string => `Recorded by block ${height}, kept until block ${expiry}.`,
  fetched: (rows: string, originals: string): string => `From ${rows} rows, ${originals} of them originals.`,
  sha256: 'SHA-256',
  link: 'Link',
  copyLink: 'Copy link',
  openBlob: 'Show it',
  save: 'Save again',
  cancel: 'Cancel',
  remove: 'Remove',
} as const;

export const trust = {
  title: 'This link asks you to believe another chain',
  explain:
    'Nothing of it is believed yet. Accept only if you have these exact values from somebody you trust, by another way than this link: whoever made it decides what counts as true after that.',
  chain: 'Chain',
  height: 'Height',
  hash: 'Header hash',
  peers: 'Dials',
  accept: 'Believe this chain',
  refuse: 'Stay with this page’s own',
  trusted: (chain: string): string => `You believe ${chain} by a link, not by this page.`,
  leave: 'Go back to this page’s own chain',
} as const;
