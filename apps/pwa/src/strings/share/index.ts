import { count, oneIn, percent, shortHex } from '../../format.ts';
import type { Verified } from '../../share/verified.ts';

const blobs = (number: number): string => `${count(number)} ${number === 1 ? 'blob' : 'blobs'}`;

function blocksOf({ from, to }: Verified): string {
  return from === to ? `block ${count(to)}` : `blocks ${count(from)} to ${count(to)}`;
}

function signedOf({ validators, signedPower }: Verified): string {
  const who = `${count(validators)} ${validators === 1 ? 'validator' : 'validators'}`;
  return signedPower === undefined
    ? `By signatures of its ${who}.`
    : `By signatures of its ${who}: ${percent(signedPower)} of the voting power.`;
}

/** Every number of samples is told with what it came to; what was not sampled is not told of. */
function sampledOf({ available, withheld, undecided, bits, rows }: Verified): string {
  if (available + withheld + undecided === 0) return 'No blob was sampled yet.';
  const parts = [
    ...(available > 0 && bits !== undefined ? [`${blobs(available)} available but for ${oneIn(bits)}`] : []),
    ...(withheld > 0 ? [`${blobs(withheld)} withheld or wrongly coded`] : []),
    ...(undecided > 0 ? [`${blobs(undecided)} not certain`] : []),
  ];
  return `${parts.join(', ')}; ${count(rows)} rows checked here.`;
}

/** What stands in the picture. */
export interface CardWords {
  readonly name: string;
  readonly title: string;
  readonly chain: string;
  readonly signed: string;
  readonly sampled: string;
  readonly hash: string;
  readonly foot: string;
}

export const share = {
  title: 'What this browser verified',
  none: 'This page has verified nothing itself in this visit yet: there is nothing to share.',
  explain:
    'Only what was verified here, in this visit. It is your word and no proof: who wants to know opens the link and verifies it.',
  failed: 'The browser could not share it. The picture can be saved, and the text copied.',
  share: 'Share',
  save: 'Save the picture',
  copy: 'Copy the text',
  fileName: (to: number): string => `perigee-block-${to}.png`,
  card: (verified: Verified, at: string): CardWords => ({
    name: 'Perigee, a light node in a browser',
    title: `I verified ${blocksOf(verified)}`,
    chain: verified.development === true ? `${verified.chainId}, a chain for development` : verified.chainId,
    signed: signedOf(verified),
    sampled: sampledOf(verified),
    hash: `header ${verified.headerHash}`,
    foot: `Verified in the browser at ${at}. Open the page and verify it yourself.`,
  }),
  text: (verified: Verified, at: string): string =>
    [
      `My browser verified ${blocksOf(verified)} of ${verified.chainId}${verified.development === true ? ', a chain for development' : ''}.`,
      signedOf(verified),
      sampledOf(verified),
      `Header ${shortHex(verified.headerHash)}, ${at}. Verify it yourself:`,
    ].join(' '),
} as const;
