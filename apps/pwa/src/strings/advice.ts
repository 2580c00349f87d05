import type { ErrorCode } from '@perigee/wire';

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
