import { abortable, limitedSignal } from '@perigee/net/abort';
import { concatAll, MAX_COLLATERAL_BYTES, PerigeeError, VENDOR_TIMEOUT_MS } from '@perigee/wire';

/** What is needed of `fetch`, so that a program may give its own. */
export type VendorFetch = (url: string, init: RequestInit) => Promise<Response>;

/** An answer of a vendor's service; nothing of it is verified. */
export interface VendorAnswer {
  readonly bytes: Uint8Array;
  /** A header, decoded as vendors encode certificates in one. @throws PARSE when it is missing */
  header(name: string): string;
}

/**
 * Asks a vendor's service by HTTP, and no other: where it sends to is not followed, or whoever answers in its place could have this machine ask any
 * address that it reaches, and the vendors' services send nobody elsewhere.
 *
 * @throws UNREACHABLE, TIMEOUT, ABORTED; NOT_FOUND (404), BUSY (429), REFUSED (another status, a redirection); FRAME_TOO_LARGE past MAX_COLLATERAL_BYTES
 */
export async function vendorGet(fetch: VendorFetch, url: string, signal: AbortSignal): Promise<VendorAnswer> {
  const over = limitedSignal(signal, VENDOR_TIMEOUT_MS);
  try {
    const response = await fetch(url, { signal: over, redirect: 'manual', credentials: 'omit', cache: 'no-store' });
    if (!response.ok) {
      response.body?.cancel().catch(() => {});
      throw refusal(url, response);
    }
    const bytes = await readBytes(url, response, over);
    return {
      bytes,
      header(name) {
        const value = response.headers.get(name);
        if (value === null) throw new PerigeeError('PARSE', `${url} answered without the header ${name}`);
        return decoded(url, name, value);
      },
    };
  } catch (cause) {
    if (cause instanceof PerigeeError) throw cause;
    if (signal.aborted) throw new PerigeeError('ABORTED', `nobody waits for ${url} any more`, { cause });
    if (over.aborted) throw new PerigeeError('TIMEOUT', `${url} was not answered in ${VENDOR_TIMEOUT_MS} ms`, { cause });
    throw new PerigeeError('UNREACHABLE', `${url} could not be reached; collateral can also come from a file or a peer`, {
      cause,
    });
  }
}

function refusal(url: string, { status, headers, type }: Response): PerigeeError {
  if (status === 404) return new PerigeeError('NOT_FOUND', `${url} knows nothing of this platform (HTTP 404)`);
  if (status === 429) return new PerigeeError('BUSY', `${url} was asked too often (HTTP 429); try again in some minutes`);
  // a page is not told which status it was
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    const target = headers.get('location')?.slice(0, 200) ?? 'elsewhere';
    return new PerigeeError('REFUSED', `${url} sends to ${target}, which is not followed; name the right mirror with --url`);
  }
  return new PerigeeError('REFUSED', `${url} answered with HTTP status ${status}`);
}

/** Reads no more than is allowed, whatever the service announces. */
async function readBytes(url: string, response: Response, signal: AbortSignal): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    while (reader !== undefined) {
      const { done, value } = await abortable(reader.read(), signal);
      if (done) break;
      length += value.length;
      if (length > MAX_COLLATERAL_BYTES) {
        throw new PerigeeError('FRAME_TOO_LARGE', `the answer of ${url} has more than ${MAX_COLLATERAL_BYTES} bytes`);
      }
      chunks.push(value);
    }
  } finally {
    reader?.cancel().catch(() => {});
  }
  return concatAll(chunks);
}

function decoded(url: string, name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw new PerigeeError('PARSE', `the header ${name} of ${url} is not encoded as it should be`, { cause });
  }
}
