import type { LightNodeState } from '@perigee/sampler';

/** Only tabs of the same build understand each other: the name of this file holds the hash of what it was built from. */
const BUILD = import.meta.url;

/** What tabs of this page tell each other. */
export type TabMessage =
  /** A tab follows, and is seen. */
  | { readonly kind: 'here' }
  /** The leading tab shows this. */
  | { readonly kind: 'state'; readonly state: LightNodeState }
  /** A tab wants to lead: at once, or only where nobody sees the one that leads. `from` names what was asked. */
  | { readonly kind: 'ask'; readonly from: string; readonly when: 'now' | 'whenUnseen' }
  /** The lead is given, is not given before this tab's work is done, or stays. */
  | { readonly kind: 'yours' | 'busy' | 'kept'; readonly to: string };

/** Who may send here is of the same origin, and may be of another build. */
export function isTabMessage(data: unknown): data is TabMessage {
  return typeof data === 'object' && data !== null && 'kind' in data && 'build' in data && data.build === BUILD;
}

export function marked(message: TabMessage): object {
  return { ...message, build: BUILD };
}
