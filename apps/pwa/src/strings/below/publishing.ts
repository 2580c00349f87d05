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
  drop: 'or drop it here',
  limit: (size: string): string => `Up to ${size}. Anyone can read what is published.`,
  nothingChosen: 'No file chosen',
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
