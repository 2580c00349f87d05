import { chainProtocol, PageAnswer, PageRequest, PagesAnswer, PagesRequest } from '@perigee/wire';
import { defineProtocol, type Protocol } from '../protocol.ts';

const KIB = 1024;

/** Who else is there, of the pages of one chain that a relay introduces. */
export function pagesProtocol(genesisHash: Uint8Array): Protocol<PagesRequest, PagesAnswer> {
  return defineProtocol({
    id: chainProtocol('pages', genesisHash),
    request: PagesRequest,
    answer: PagesAnswer,
    maxRequestBytes: 64,
    maxAnswerBytes: 2 * KIB,
  });
}

/** What pages of one chain say to each other beside the rows. */
export function pageProtocol(genesisHash: Uint8Array): Protocol<PageRequest, PageAnswer> {
  return defineProtocol({
    id: chainProtocol('page', genesisHash),
    request: PageRequest,
    answer: PageAnswer,
    maxRequestBytes: 16 * KIB,
    maxAnswerBytes: 5 * KIB,
  });
}
