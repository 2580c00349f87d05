import { MAX_RPC_ANSWER_BYTES, PerigeeError } from '@perigee/wire';
import { abortable } from './abort.ts';

/** What is needed of `fetch`, so that a program may give its own. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const ERROR_TEXT_CHARACTERS = 300;

/**
 * Asks a CometBFT node by JSON-RPC over HTTP.
 *
 * @returns the `result`, of which nothing is known
 * @throws UNREACHABLE no answer; NOT_FOUND the height is not there yet; PRUNED it is there no more; REFUSED what else the node refuses with; FRAME_TOO_LARGE;
 *   PARSE; ABORTED
 */
export async function callRpc(
  fetch: Fetch,
  url: string,
  method: string,
  params: { readonly [name: string]: unknown },
  signal: AbortSignal,
): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await request(fetch, url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal,
    // a node is asked for public data and told nothing of who asks, and it sends us nowhere else
    redirect: 'error',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
  });
  const answer = parse(await readText(url, response, signal), url, response.status);
  if (answer.error !== undefined && answer.error !== null) throw refusal(url, method, answer.error);
  if (answer.result === undefined) throw new PerigeeError('PARSE', `${url} answered ${method} with neither result nor error`);
  return answer.result;
}

async function request(fetch: Fetch, url: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (init.signal.aborted) throw new PerigeeError('ABORTED', `nobody waits for ${url} any more`, { cause });
    throw new PerigeeError(
      'UNREACHABLE',
      `${url} could not be reached; check the address, and that it allows this origin (CORS)`,
      {
        cause,
      },
    );
  }
}

/** Reads no more than is allowed, whatever the node announces. */
async function readText(url: string, response: Response, signal: AbortSignal): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await abortable(reader.read(), signal);
      if (done) break;
      bytes += value.length;
      if (bytes > MAX_RPC_ANSWER_BYTES) {
        throw new PerigeeError('FRAME_TOO_LARGE', `the answer of ${url} has more than ${MAX_RPC_ANSWER_BYTES} bytes`);
      }
      chunks.push(value);
    }
  } catch (error) {
    if (error instanceof PerigeeError) throw error;
    throw new PerigeeError('UNREACHABLE', `${url} broke off its answer`, { cause: error });
  } finally {
    reader.cancel().catch(() => {});
  }
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode();
}

function parse(text: string, url: string, status: number): { readonly result?: unknown; readonly error?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // said below
  }
  if (status >= 400) throw new PerigeeError('UNREACHABLE', `${url} answered with HTTP status ${status}`);
  throw new PerigeeError('PARSE', `${url} answered with what is no JSON-RPC`);
}

/** CometBFT tells its refusals apart only in words. */
function refusal(url: string, method: string, error: unknown): PerigeeError {
  const { message, data } = error as { message?: unknown; data?: unknown };
  const words = [message, data].filter((word) => typeof word === 'string').join(': ');
  const text = `${url} refused ${method}: ${words.slice(0, ERROR_TEXT_CHARACTERS)}`;
  const options = { data: { remote: true } };
  if (/must be less than or equal to/.test(words)) return new PerigeeError('NOT_FOUND', text, options);
  if (/is not available|could not find (block|results|validator)/.test(words)) return new PerigeeError('PRUNED', text, options);
  return new PerigeeError('REFUSED', text, options);
}
