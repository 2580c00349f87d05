import { entryKey, rangeOfScan, rangeOfWatch } from '@perigee/light-core/kv';
import { STORE } from '@perigee/light-core/state';
import {
  KV_PROGRESS_HEIGHTS,
  type KvAnswer,
  type KvChanges,
  type KvRequest,
  type KvWatch,
  MAX_KV_KEYS_PER_REQUEST,
  MAX_KV_SUBSCRIPTIONS,
  MAX_KV_SUBSCRIPTIONS_PER_PEER,
  MAX_STATE_ANSWER_BYTES,
  PerigeeError,
  StateProof,
} from '@perigee/wire';
import type { Chain } from '../chain.ts';
import { changedKeys, proveRun } from '../state/index.ts';
import type { ServeContext } from './context.ts';
import { proveKeys } from './state.ts';

type KvChain = Pick<Chain, 'prove' | 'tree' | 'onBlock'>;

/** What a subscription needs to know of a request; `RequestContext` of `@perigee/net` has it. */
export interface KvContext extends ServeContext {
  readonly peerId: string;
}

/**
 * Answers questions about streams with proofs: values and absences of keys, runs of entries, and what changes from now on.
 *
 * @throws PRUNED, also for a subscription that begins before what is kept; NOT_FOUND, INVALID_ARGUMENT; FRAME_TOO_LARGE when the proofs of keys do
 *   not fit one answer; BUSY for one subscription too many
 */
export function serveKv(chain: KvChain) {
  const subscribers = new Map<string, number>();
  return async function* (request: KvRequest, context: KvContext): AsyncGenerator<KvAnswer> {
    const { stream, height, keys, scan, watch } = request;
    if (Number(keys.length > 0) + Number(scan !== undefined) + Number(watch !== undefined) !== 1) {
      throw new PerigeeError('INVALID_ARGUMENT', 'a request asks for keys, for a range, or for changes: for one of them');
    }
    if (scan !== undefined) {
      const { root, load, ...where } = chain.tree(STORE.kv, height);
      const leaves = proveRun(root, rangeOfScan(stream, scan), MAX_STATE_ANSWER_BYTES, load);
      yield { proofs: [], run: { ...where, leaves } };
    } else if (watch === undefined) {
      yield {
        proofs: proveKeys(
          chain,
          STORE.kv,
          keys.map((key) => entryKey(stream, key)),
          height,
        ),
      };
    } else {
      const { peerId, signal } = context;
      const mine = subscribers.get(peerId) ?? 0;
      const all = [...subscribers.values()].reduce((sum, count) => sum + count, 0);
      if (mine >= MAX_KV_SUBSCRIPTIONS_PER_PEER || all >= MAX_KV_SUBSCRIPTIONS) {
        throw new PerigeeError('BUSY', `${mine} subscriptions of this peer, and ${all} in all, are served already`);
      }
      subscribers.set(peerId, mine + 1);
      try {
        for await (const changes of changesOf(chain, stream, watch, signal)) yield { proofs: [], changes };
      } finally {
        const left = (subscribers.get(peerId) ?? 1) - 1;
        if (left === 0) subscribers.delete(peerId);
        else subscribers.set(peerId, left);
      }
    }
  };
}

/**
 * What changed since a height, and then at each new one. Whoever reads slowly is told of several heights at once, each key with its last value: nothing
 * waits in memory, and nothing is lost.
 */
async function* changesOf(chain: KvChain, stream: Uint8Array, watch: KvWatch, signal: AbortSignal): AsyncGenerator<KvChanges> {
  const range = rangeOfWatch(stream, watch);
  let wake = (): void => {};
  let pending = true;
  const off = chain.onBlock(() => {
    pending = true;
    wake();
  });
  const stop = (): void => wake();
  signal.addEventListener('abort', stop);
  try {
    let known = watch.since === 0 ? chain.tree(STORE.kv).height : watch.since;
    let told = known;
    // from where it begins, so that it can be begun again from there
    if (watch.since === 0) yield { height: known, proofs: [], more: false };
    while (!signal.aborted) {
      if (!pending) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      pending = false;
      const after = chain.tree(STORE.kv);
      if (after.height <= known) continue;
      const before = chain.tree(STORE.kv, known);
      let proofs: StateProof[] = [];
      let bytes = 0;
      let changed = false;
      for (const key of changedKeys(before.root, after.root, range, after.load)) {
        const proof = chain.prove(STORE.kv, key, after.height);
        const size = StateProof.encode(proof).length;
        if (proofs.length >= MAX_KV_KEYS_PER_REQUEST || (proofs.length > 0 && bytes + size > MAX_STATE_ANSWER_BYTES)) {
          yield { height: after.height, proofs, more: true };
          [proofs, bytes] = [[], 0];
        }
        proofs.push(proof);
        bytes += size;
        changed = true;
      }
      known = after.height;
      if (!changed && known - told < KV_PROGRESS_HEIGHTS) continue;
      told = known;
      yield { height: known, proofs, more: false };
    }
  } finally {
    off();
    signal.removeEventListener('abort', stop);
  }
}
