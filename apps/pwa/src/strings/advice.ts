import type { ErrorCode } from '@perigee/wire';
import { sentence } from '../format.ts';

/** What a person can do about a refusal. */
export interface Advice {
  readonly title: string;
  readonly next: string;
}

const unexpected: Advice = {
  title: 'Something went wrong that the page did not expect',
  next: 'Reload the page. If it comes back, give the code and the sentence below to whoever runs this address.',
};
const liar: Advice = {
  title: 'A peer sent what does not hold',
  next: 'It was refused, and the page goes on with others. If no other is left, reload the page.',
};
const lyingChain: Advice = {
  title: 'A block that does not hold was shown',
  next: 'It was refused. Do not rely on what these peers say. If no other peer is left, ask the operator of this address.',
};
const notPublished: Advice = {
  title: 'The chain does not take this transaction',
  next: 'Try again: the page makes a new one. If it stays so, give the sentence below to whoever runs this address.',
};
const noBlob: Advice = {
  title: 'This is no blob that can be read',
  next: 'Its bytes are not what its record says. Do not rely on it; its publisher has to publish it anew.',
};
const notCertified: Advice = {
  title: 'The committee did not certify this blob',
  next: 'Too few of its keys answered or agreed. Try again in a minute: only what is missing is sent.',
};
const storage: Advice = {
  title: 'What was kept on this device cannot be read',
  next: 'The page goes on without it. Clear the data of this address in the settings of the browser to begin anew.',
};

/** Every code has a plain sentence and a next step. */
const advice: Record<ErrorCode, Advice> = {
  INVALID_ARGUMENT: { title: 'That cannot be done', next: 'The sentence below says what is wrong with it.' },
  ABORTED: { title: 'It was cancelled', next: 'Nothing is left behind. Start it again when you like.' },
  TIMEOUT: { title: 'The peers answer too slowly', next: 'The page keeps trying. If it stays so, check your connection.' },
  INTERNAL: unexpected,
  OUT_OF_MEMORY: { title: 'The browser has no memory left for this', next: 'Close other pages and reload this one.' },
  UNSUPPORTED: {
    title: 'This cannot be done here',
    next: 'The sentence below says what is missing. A current version of Chrome, Edge, Firefox or Safari has most.',
  },
  PARSE: liar,
  NOT_CANONICAL: liar,
  UNKNOWN_VERSION: {
    title: 'This is of a version that the page does not know',
    next: 'Reload the page to get its newest version.',
  },
  FRAME_TOO_LARGE: liar,
  STREAM_CLOSED: { title: 'A peer ended the connection', next: 'The page dials again by itself.' },
  BUSY: { title: 'The peers are busy', next: 'Try again in a minute.' },
  NOT_FOUND: { title: 'The chain holds no such blob', next: 'That is proved. Check the id, or who gave it to you.' },
  REFUSED: { title: 'The peers refuse', next: 'They may be busy, or a limit was reached. Try again in a minute.' },
  UNREACHABLE: {
    title: 'No peer of this chain can be reached',
    next: 'Check the network, and that the node which serves this page runs (npm start). The page keeps trying; Try again asks at once.',
  },
  WRONG_CHAIN: {
    title: 'The peers belong to another chain',
    next: 'The chain behind this address was replaced. Reload to take its new root; if that does not help, its operator has to renew it.',
  },
  CONFLICTING_HEADERS: {
    title: 'Two different blocks of one height were signed',
    next: 'Validators of this chain signed both, or somebody stole their keys. Believe neither: stop relying on this chain until its operators explain it.',
  },
  BLOB_VERSION: { title: 'This blob is of another version', next: 'Reload the page to get its newest version, or check the id.' },
  BLOB_LENGTH: {
    title: 'A blob cannot have this size',
    next: 'A blob holds 1 to 32,505,852 bytes, and 8,388,603 at 8×. Choose another file or policy.',
  },
  BLOB_GEOMETRY: noBlob,
  BLOB_PADDING: noBlob,
  BLOB_EXPIRED: { title: 'The time of this blob is over', next: 'Nobody owes its rows any more, so nothing is asked for them.' },
  ROW_INDEX: liar,
  ROW_SIZE: liar,
  ROW_PATH: liar,
  ROW_RLC: {
    title: 'This blob is wrongly coded',
    next: 'That is evidence against the keys that signed it. Save it below, and do not rely on this blob.',
  },
  COMMITMENT_MISMATCH: {
    title: 'The retrieved blob is not what it commits to',
    next: 'It is wrongly coded: nothing was saved. That is evidence against the keys that signed it.',
  },
  ROW_ROOT_MISMATCH: {
    title: 'The blob is not what its certificate says',
    next: 'That is evidence against the keys that signed it. Do not rely on this blob.',
  },
  NOT_ENOUGH_ROWS: {
    title: 'Too few rows can be had to rebuild this blob',
    next: 'Its holders are offline, or withhold it. Try again later; if it stays so, the blob is lost.',
  },
  EVIDENCE: { title: 'This evidence does not hold', next: 'It proves nothing against anybody. Do not pass it on.' },
  SEGMENT_INDEX: liar,
  SEGMENT_SIZE: liar,
  FILE_PROOF: liar,
  FLOW_PROOF: liar,
  PROVIDER_RECORD: liar,
  SEALED: {
    title: 'The file cannot be decrypted',
    next: 'Its key is another one, or what was encrypted was changed. The sentence below says which.',
  },
  STREAM_DATA: {
    title: 'This write to a stream cannot be read',
    next: 'The sentence below names the part that is wrong. Change that and write again.',
  },
  COMMITTEE: lyingChain,
  CERTIFICATE: notCertified,
  QUORUM: notCertified,
  PROMISE: {
    title: 'The committee does not take this blob',
    next: 'The sentence below says why: the balance of the account, the policy, or a limit. Change that and try again.',
  },
  PEER_RECORD: liar,
  ORDER: liar,
  RECEIPT: liar,
  ATTESTATION: {
    title: 'This does not come from the hardware that it names',
    next: 'The checks that failed are listed. Do not rely on what it vouches for.',
  },
  TRUST_ROOT: {
    title: 'The page has no valid root of trust',
    next: 'The address must serve /perigee-chain.json of the chain it belongs to; npm start writes it. Ask its operator, then reload.',
  },
  TRUST_EXPIRED: {
    title: 'The root of trust is too old to vouch for anything',
    next: 'It may for two weeks. Ask the operator of this address for a newer page; never take a root from a stranger.',
  },
  HEADER: lyingChain,
  HEADER_HASH: lyingChain,
  HEADER_TIME: lyingChain,
  HEADER_FUTURE: {
    title: 'The chain is ahead of your clock',
    next: 'Set the clock of this device, then try again. If your clock is right, the chain’s validators lie about the time.',
  },
  VALIDATOR_SET: lyingChain,
  COMMIT: lyingChain,
  SIGNATURE: lyingChain,
  NOT_ENOUGH_TRUST: {
    title: 'The newest block cannot be tied to the root of trust',
    next: 'Do not rely on what peers say now. Try again later, or ask the operator of this address for a newer page.',
  },
  NOT_ENOUGH_POWER: {
    title: 'A block without enough signatures was shown',
    next: 'It was refused. The page goes on with other peers.',
  },
  PROOF: liar,
  PROOF_ROOT: liar,
  PRUNED: { title: 'The peers no longer keep what is needed', next: 'Reload the page to begin at a newer block.' },
  UNPROVEN: { title: 'This could not be proved now', next: 'Nothing unproved is shown. Try again in a minute.' },
  TX_SIZE: notPublished,
  TX_VERSION: notPublished,
  TX_CHAIN: notPublished,
  TX_SENDER: notPublished,
  TX_NONCE: notPublished,
  TX_EXPIRED: { title: 'The chain took too long to record this', next: 'Try again: what the committee holds is not sent anew.' },
  TX_FEE: {
    title: 'The account cannot pay for this',
    next: 'On a development chain the page asks a faucet by itself, some times an hour. Elsewhere send tokens to the account shown.',
  },
  TX_AUTH: notPublished,
  TX_MESSAGE: notPublished,
  GENESIS: lyingChain,
  BLOCK: lyingChain,
  STORE_VERSION: {
    title: 'What is kept here was written by a newer version of this page',
    next: 'Reload the page to get that version. Until then nothing is read or written.',
  },
  STORE_CORRUPT: storage,
  STORE_FULL: {
    title: 'The browser has no space left for this page',
    next: 'Free some space on the device. Checking goes on; only keeping and saving stop.',
  },
  STORE_LOCKED: {
    title: 'Another tab of this page uses what is kept here',
    next: 'This tab checks all the same and keeps nothing. Close the other one, then reload, to keep on here.',
  },
};

/** What the page itself needs, by the `missing` that an UNSUPPORTED error names. */
const missing: Record<string, Advice> = {
  WebAssembly: {
    title: 'This browser does not run WebAssembly',
    next: 'The checks need it. Allow it for this address (strict security modes switch it off), or use a current browser.',
  },
  Worker: {
    title: 'This browser does not run workers',
    next: 'The checks run in one. Use a current version of Chrome, Edge, Firefox or Safari.',
  },
  'secure context': {
    title: 'This address is not secure enough to check anything',
    next: 'Browsers offer cryptography on https addresses and on 127.0.0.1 only. Open the page by one of these.',
  },
};

export function adviceFor(code: ErrorCode, missingPart?: string): Advice {
  return (missingPart === undefined ? undefined : missing[missingPart]) ?? advice[code];
}

/** These say what is wrong with a text in plain words themselves. */
export const WRONG_TEXT: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['INVALID_ARGUMENT', 'TRUST_ROOT']);

/** Why a link or a text was not opened, and what to do about it: whole sentences. @param notFound of what was looked for, where that is no blob */
export function refused(code: ErrorCode, message: string, notFound = advice.NOT_FOUND): string {
  if (WRONG_TEXT.has(code)) return `${sentence(message)} Correct it, or ask who gave it to you.`;
  const { title, next } = code === 'NOT_FOUND' ? notFound : advice[code];
  return code === 'NOT_FOUND' ? `${title}. ${next}` : `${title}. ${sentence(message)} ${next}`;
}

export const problem = { code: 'Code' } as const;
