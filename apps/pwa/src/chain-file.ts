import { MAX_TRUST_ROOT_CHARACTERS, PerigeeError } from '@perigee/wire';

/** The root of trust that belongs to this page; it lies beside it. */
const CHAIN_FILE = 'perigee-chain.json';

/**
 * Fetches the text of the trust root.
 *
 * @throws UNREACHABLE when nothing answers; TRUST_ROOT when the answer cannot be one
 */
export async function fetchChainFile(signal: AbortSignal): Promise<string> {
  const url = new URL(CHAIN_FILE, document.baseURI);
  const fail = (code: 'UNREACHABLE' | 'TRUST_ROOT', why: string, cause?: unknown) =>
    new PerigeeError(code, `${url.pathname} ${why}`, cause === undefined ? {} : { cause });
  let response: Response;
  try {
    response = await fetch(url, { signal, cache: 'no-store' });
  } catch (cause) {
    signal.throwIfAborted();
    throw fail('UNREACHABLE', 'could not be fetched: the server of this page does not answer', cause);
  }
  if (!response.ok) throw fail('TRUST_ROOT', `is not served at this address (status ${response.status})`);
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > MAX_TRUST_ROOT_CHARACTERS) throw fail('TRUST_ROOT', `has ${length} bytes, too many for a trust root`);
  return response.text();
}
