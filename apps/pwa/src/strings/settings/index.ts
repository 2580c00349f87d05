import type { Budgets } from '@perigee/sampler';
import type { Theme, Thrift } from '../../settings/defaults.ts';
import type { Circumstance } from '../../settings/thrift.ts';

/** Words of the view of settings, which come with it. */
export const settings = {
  problem: (why: string): string => `The defaults hold: ${why}.`,
  budgets: {
    title: 'What it may use',
    explain:
      'Over one of these, blobs that nobody asked for wait. Headers, and what you ask for yourself, come at once, and count. All tabs share them.',
    name: {
      cpuShare: 'Processor, of one core',
      bytesPerSecond: 'Data each second',
      bytesPerDay: 'Data each day, UTC',
      storageBytes: 'Room on this device',
    } satisfies Record<keyof Budgets | 'storageBytes', string>,
    cap: (name: string): string => `${name}: at most`,
    none: 'no cap',
    perSecond: (size: string): string => `${size}/s`,
    used: {
      cpuShare: (share: string): string => `${share} in the last minute`,
      bytesPerSecond: (size: string): string => `${size}/s in the last ten seconds`,
      bytesPerDay: (size: string): string => `${size} today`,
      storageBytes: (size: string): string => `${size} used`,
    },
    calm: 'Nothing is held up now.',
    throttled: (names: string, at: string): string => `Sampling waits for: ${names}. It goes on at ${at}.`,
    headersOnly: (because: string): string => `Only headers are followed ${because}.`,
    resting: (because: string): string => `It rests ${because}.`,
  },
  lightNode: {
    title: 'One node with the extension',
    explain:
      'Where the extension of Perigee is in this browser, this page can show what the extension verifies, and has no connections then. What you publish, store or fetch here still starts a node of this page until it is done.',
    use: "Show the extension's light node",
    none: 'The extension is not in this browser: this page runs its own light node.',
    own: 'This page runs its own light node now.',
    asked: 'A window of the extension asks whether this page may.',
    used: "What this page shows is the extension's light node.",
    away: (why: string): string => `This page runs its own light node: ${why}.`,
  },
  sharing: {
    title: 'Other pages',
    explain:
      'Pages of this chain give each other rows, browser to browser, over a relay that introduces them. They see your address on the network. Each row is verified here, wherever it came from.',
    shares: 'Give verified rows to other pages, and take theirs',
    name: { sharedBytesPerSecond: 'Give each second at most', sharedBytesPerDay: 'Give each day at most, UTC' },
    cap: { sharedBytesPerSecond: (size: string): string => `${size}/s`, sharedBytesPerDay: (size: string): string => size },
    given: (size: string): string => `${size} given today.`,
    notYet: 'No page is met yet.',
    resting: (because: string): string => `Nothing is given or taken ${because}.`,
  },
  thrift: {
    title: 'When the device is short',
    name: {
      onBattery: 'On battery',
      onMetered: 'On a metered connection',
      onHidden: 'While its tab is hidden',
    } satisfies Record<Circumstance, string>,
    choice: {
      all: 'go on',
      headers: 'headers only',
      nothing: 'rest',
    } satisfies Record<Thrift, string>,
    now: { yes: 'now it is', no: 'now it is not', unknown: 'this browser does not tell' },
    explain: 'What you ask for yourself is done all the same.',
  },
  kept: {
    title: 'Kept on this device',
    explain:
      'Verified headers, verdicts, rows and evidence, so that the next visit goes on where this one ends; uploads under way; the page itself; the key of this browser’s account; these settings.',
    used: 'Verified state',
    usedValue: (used: string, budget: string): string => `${used} of ${budget}`,
    nothing: 'nothing is kept',
    origin: 'All of this page',
    originValue: (used: string, quota: string): string => `${used}; the browser gives up to ${quota}`,
    persisted: 'When the device is short of room',
    persistedYes: 'stays',
    persistedNo: 'the browser may drop it',
    persist: 'Ask to keep it',
    refused: 'The browser refused; it decides by how often you come here.',
    wipeVerified: 'Delete what was verified',
    wipeAll: 'Delete everything',
    really: {
      verified: 'What was verified is deleted, and verified again from the network. Keys and settings stay.',
      all: 'Everything goes, with the key of this browser’s account: what that account owns is lost for good.',
    },
    yes: { verified: 'Delete it', all: 'Delete it all' },
    no: 'Keep it',
    wiping: 'Stopping, then deleting.',
  },
  chain: {
    title: 'Chain and peers',
    chain: 'Chain',
    genesis: 'Genesis',
    by: 'Believed by',
    byPage: 'the root of trust that this address serves',
    byLink: 'a link that you accepted in this tab',
    label: 'Address of a peer to dial too, or a link to another chain',
    button: 'Take',
    hint: 'A peer adds no trust. Another chain is shown to you in full before anything of it is believed.',
    empty: 'There is nothing to take: paste an address that begins with / and ends in /p2p/…, or a link with trust=….',
  },
  start: {
    title: 'At a visit',
    startsByItself: 'Start by itself',
    explain: 'Switched off, a visit asks nobody for anything until you resume it, or ask for something yourself.',
  },
  look: {
    title: 'Looks',
    theme: 'Theme',
    choice: { system: 'as the system', light: 'light', dark: 'dark' } satisfies Record<Theme, string>,
  },
  notify: {
    title: 'Notifications',
    explain:
      'Tells you when data is withheld, when a blob is wrongly coded, or when signed headers contradict each other; nothing else.',
    on: 'Tell me',
    off: 'Tell me no more',
    denied: 'This browser refuses it for this page; its own settings can change that.',
    unsupported: 'This browser offers no notifications.',
    isOn: 'You are told, as long as a tab of this page is open.',
  },
} as const;
