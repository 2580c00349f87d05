import { request } from 'node:http';
import { limitedSignal } from '@perigee/net/abort';
import { AGENT_TIMEOUT_MS, concatAll, MAX_AGENT_ANSWER_BYTES, PerigeeError } from '@perigee/wire';

/** Where dstack's agent listens. */
const DSTACK_SOCKET = '/var/run/dstack.sock';
const ERROR_CHARACTERS = 300;

export interface AgentOptions {
  /** /var/run/dstack.sock by default. */
  readonly socket?: string;
  readonly timeoutMs?: number;
}

/**
 * Asks the agent of a dstack guest: HTTP and JSON over its unix socket.
 *
 * @returns the object that it answered with, of which nothing is known
 * @throws UNREACHABLE, TIMEOUT, ABORTED; FRAME_TOO_LARGE past MAX_AGENT_ANSWER_BYTES; REFUSED with the agent's words; PARSE
 */
export async function callAgent(
  method: string,
  body: object,
  { socket = DSTACK_SOCKET, timeoutMs = AGENT_TIMEOUT_MS }: AgentOptions,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const what = `${method} of the agent at ${socket}`;
  const over = limitedSignal(signal, timeoutMs);
  try {
    const { status, bytes } = await exchange(socket, method, JSON.stringify(body), over, what);
    const text = new TextDecoder().decode(bytes);
    if (status !== 200) {
      throw new PerigeeError('REFUSED', `${what} was refused with status ${status}: ${text.slice(0, ERROR_CHARACTERS)}`);
    }
    return readObject(text, what);
  } catch (cause) {
    if (cause instanceof PerigeeError) throw cause;
    if (signal.aborted) throw new PerigeeError('ABORTED', `nobody waits for ${what} any more`, { cause });
    if (over.aborted) throw new PerigeeError('TIMEOUT', `${what} was not answered in ${timeoutMs} ms`, { cause });
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new PerigeeError(
      'UNREACHABLE',
      `${what} could not be asked: ${words}; this is no dstack guest, or its socket is not mounted`,
      {
        cause,
      },
    );
  }
}

function exchange(
  socketPath: string,
  method: string,
  body: string,
  signal: AbortSignal,
  what: string,
): Promise<{ readonly status: number; readonly bytes: Uint8Array }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request({ socketPath, path: `/${method}`, method: 'POST', headers, signal, agent: false }, (answer) => {
      const chunks: Uint8Array[] = [];
      let length = 0;
      answer.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_AGENT_ANSWER_BYTES) {
          asked.destroy(
            new PerigeeError('FRAME_TOO_LARGE', `${what} is answered with more than ${MAX_AGENT_ANSWER_BYTES} bytes`),
          );
        } else chunks.push(chunk);
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, bytes: concatAll(chunks) }));
      answer.on('error', reject);
      answer.on('aborted', () => reject(new Error('it broke off its answer')));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function readObject(text: string, what: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new PerigeeError('PARSE', `${what} is answered with what is no JSON object`);
}
