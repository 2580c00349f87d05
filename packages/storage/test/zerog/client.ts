/** A client of JSON-RPC that hides nothing. */
import type { SegmentAnswer } from '@perigee/wire';
import { toHex } from '@perigee/wire';
import { type Sample, segmentOf } from '../files.ts';

export interface Answer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<{ readonly status: number; readonly json: unknown }> {
  const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) };
}

export async function call(url: string, method: string, ...params: readonly unknown[]): Promise<Answer> {
  const { status, json } = await post(url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  if (status !== 200) throw new Error(`HTTP status ${status}: ${JSON.stringify(json)}`);
  return json as Answer;
}

/** @throws what the node answers with */
export async function ask(url: string, method: string, ...params: readonly unknown[]): Promise<unknown> {
  const { result, error } = await call(url, method, ...params);
  if (error !== undefined) throw Object.assign(new Error(error.message), error);
  return result;
}

/** `SegmentWithProof`. */
export function uploadOf(sample: Sample, index: number, change: Partial<SegmentAnswer> = {}): Record<string, unknown> {
  const { data, proof, ...rest } = { ...segmentOf(sample, index), ...change };
  return {
    root: `0x${toHex(sample.tree.root)}`,
    data: Buffer.from(data).toString('base64'),
    index: rest.index,
    proof: { lemma: proof.lemma.map((hash) => `0x${toHex(hash)}`), path: proof.path },
    fileSize: sample.data.length,
  };
}
