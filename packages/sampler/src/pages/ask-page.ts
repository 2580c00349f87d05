import { type CallOptions, type Host, open } from '@perigee/net';
import { pageProtocol } from '@perigee/net/pages';
import { PAGE_QUESTION_MS, type PageAnswer, type PageRequest } from '@perigee/wire';

/** Asks a page which rows it has, or hands it receipts, or greets it. @throws UNSUPPORTED: it is none of this chain; what a request throws */
export function askPage(
  { host, genesisHash }: { readonly host: Host; readonly genesisHash: Uint8Array },
  peerId: string,
  request: Partial<PageRequest>,
  options: CallOptions,
): Promise<PageAnswer> {
  const client = open(host, { peerId, multiaddrs: [] }, pageProtocol(genesisHash));
  return client.callOne({ receipts: [], ...request }, { timeoutMs: PAGE_QUESTION_MS, ...options });
}
