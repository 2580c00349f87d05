import { CURRENT_WITHIN_MS } from '@perigee/wire';
import type { Badge } from './messages.ts';
import type { Snapshot } from './snapshot.ts';
import { badge as words } from './strings.ts';

const COLOR = { good: '#17703f', warn: '#855300', bad: '#b0261c', idle: '#56636f' } as const;
/** A badge has room for so many bits; those of a blob that is here whole are more. */
const MAX_SHOWN_BITS = 99;

/** What the icon of the extension says at a glance: how sure it is of the newest block. */
export function badgeOf({ paused, chainId, problem, head, alerts, atMs }: Snapshot): Badge {
  if (chainId === null) return { text: '', color: COLOR.idle, title: words.noChain };
  if (paused) return { text: '–', color: COLOR.idle, title: words.paused };
  if (alerts > 0) return { text: '!', color: COLOR.bad, title: words.alert };
  if (problem !== null) return { text: '!', color: COLOR.bad, title: words.problem };
  if (head === null) return { text: '…', color: COLOR.idle, title: words.starting };
  if (atMs - head.timeMs > CURRENT_WITHIN_MS || head.freshness === 'stale') {
    return { text: '?', color: COLOR.warn, title: words.stale };
  }
  if (head.sampled < head.blobs) return { text: `${head.sampled}/${head.blobs}`, color: COLOR.warn, title: words.sampling };
  const color = head.freshness === 'current' ? COLOR.good : COLOR.warn;
  const source = head.freshness === 'current' ? words.current : words.oneSource;
  if (head.bits === null) return { text: '✓', color, title: source };
  const bits = Math.min(MAX_SHOWN_BITS, Math.floor(head.bits));
  return { text: `${bits}`, color, title: `${source} ${words.bits(bits)}` };
}
