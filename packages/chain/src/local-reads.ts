import type { StateReads } from '@perigee/light-core/roles';
import { placeIn, STORE } from '@perigee/light-core/state';
import { MAX_STATE_ANSWER_BYTES } from '@perigee/wire';
import type { Chain } from './chain.ts';
import { proveRun, valueAt } from './state/index.ts';

/** What clients of streams are answered from, of a chain of this process. */
export function localReads(chain: Pick<Chain, 'tree'>): StateReads {
  return {
    latest: () => chain.tree(STORE.chain).height,
    valueAt(store, key, height) {
      const { root, load } = chain.tree(store, height);
      return valueAt(root, key, load);
    },
    rangeAt(store, range, height) {
      const { root, load } = chain.tree(store, height);
      const entries = proveRun(root, range, MAX_STATE_ANSWER_BYTES, load)
        .filter(({ key }) => placeIn(range, key) === 'inside')
        .map(({ key, value }) => ({ key, value }));
      return range.reverse ? entries.reverse() : entries;
    },
  };
}
