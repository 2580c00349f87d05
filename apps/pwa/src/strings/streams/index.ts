/** Words of the view of streams; they come with it. */
import type { StreamEntry } from '../../model/index.ts';

export const streams = {
  title: 'Key-value streams',
  explain:
    'Small values under keys, kept by the chain itself. Each one is shown with the header that proves it, also that a key is not there; what was proved stays on this device, and is shown with its age when nobody answers.',
  find: {
    title: 'Open a stream',
    label: 'Stream, 64 hexadecimal digits',
    button: 'Open',
    fresh: 'New stream',
    empty: 'There is nothing to open: paste the name of a stream, or begin a new one.',
    hint: 'Whoever writes to a stream first owns it, and says who else may.',
  },
  write: {
    title: 'Write',
    key: 'Key',
    value: 'Value',
    button: 'Write',
    remove: 'Delete the key',
    writing: 'The chain is asked to take it, and for the proof that it has.',
    hint: 'Signed by the key of this browser: for your wallet if it lets it, else for an account of its own. An empty value deletes.',
    wrote: (version: string, height: string): string => `Written as version ${version}, proved in block ${height},`,
    by: { session: 'for your wallet.', browser: 'by the account of this browser.' },
  },
  list: {
    title: 'Entries',
    copy: 'Copy stream',
    asked: 'Peers are asked.',
    whole: (count: string): string =>
      count === '1' ? '1 entry, and there are no others' : `${count} entries, and there are no others`,
    first: (count: string): string => `the first ${count} entries`,
    empty: 'Nothing is in this stream: that is proved.',
    notFound: { title: 'The chain has nothing of this name', next: 'That is proved. Check it, or who gave it to you.' },
    nothingKept: 'This device keeps nothing of it.',
    proved: (height: string, age: string): string => `proved under header ${height}, ${age} ago`,
    proof: (size: string, took: string): string => `${size} of proofs, checked in ${took}`,
    kept: 'Kept on this device: each value was proved when it came; whether it is the latest, and whether others are missing, is not known now.',
    more: 'Show more',
    version: (version: string): string => `version ${version}`,
    bytes: (size: string): string => size,
    header: (height: string): string => `header ${height}`,
    ago: (age: string): string => `${age} old`,
    source: { memory: 'in memory', device: 'on this device', network: 'from a peer' } satisfies Record<
      StreamEntry['source'],
      string
    >,
    read: 'Read',
    verify: 'Verify again',
    edit: 'Edit',
    named: (what: string, name: string): string => `${what}: ${name}`,
  },
  read: {
    hit: { memory: 'Hit in memory', device: 'Hit on this device', network: 'No hit: a peer was asked' } satisfies Record<
      StreamEntry['source'],
      string
    >,
    took: (took: string): string => `${took} in all`,
    proof: (size: string, took: string): string => `proof of ${size}, checked in ${took}`,
    under: (height: string, age: string): string => `header ${height}, ${age} old`,
    gone: 'the key is not there any more: that is proved',
  },
} as const;
