import { type HeaderAnswer, type HeadersRequest, MAX_HEADERS_PER_REQUEST } from '@perigee/wire';
import type { Chain } from '../chain.ts';
import type { ServeContext } from './context.ts';

/**
 * Answers with headers rising from the height asked for, fewer where the chain ends; height 0 is the last.
 *
 * @throws NOT_FOUND when the first is not there
 */
export function serveHeaders(chain: Pick<Chain, 'latest' | 'lightBlock'>) {
  return async function* ({ height, count }: HeadersRequest, { signal }: ServeContext): AsyncIterable<HeaderAnswer> {
    const { height: latest } = chain.latest();
    const first = height === 0 ? latest : height;
    yield await chain.lightBlock(first);
    const end = Math.min(latest + 1, first + Math.min(count, MAX_HEADERS_PER_REQUEST));
    for (let next = first + 1; next < end && !signal.aborted; next++) yield await chain.lightBlock(next);
  };
}
