import type { TrustAnchor } from '@perigee/light-core/comet';
import { rangeOfScan } from '@perigee/light-core/kv';
import type { Clock, VerifiedHead } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import { eitherSignal } from '@perigee/net';
import { KvAnswer, type KvScan, PerigeeError, PROOF_WINDOW_HEIGHTS } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { ChainFollower } from '../chain/chain-follower.ts';
import { earlierHeader } from '../chain/earlier-header.ts';
import { CHAIN_WORKER } from '../chain/worker-trust.ts';
import { askAround } from '../peers/ask-around.ts';
import { judge, type OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { KvProved, KvQuestion } from '../verify/check-kv.ts';
import type { Verifier } from '../verify/verifier.ts';
import type { KvSource, ProvedKeys, ProvedScan } from './kv-source.ts';

/** Headers that are kept after something was proved under them. */
const KEPT_EARLIER = 16;

export interface PeerSourceParts {
  readonly follower: ChainFollower;
  readonly trustRoot: TrustAnchor;
  readonly verify: Pool<Verifier>;
  readonly isCurrent: KvSource['isCurrent'];
  /** Peers that serve the chain, best first. */
  readonly peers: () => readonly Peer[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
}

/** Asks peers over `/perigee/kv/1`, and has their answers checked in the verify worker under the head that they were asked under. */
export class PeerSource implements KvSource {
  readonly #parts: PeerSourceParts;
  readonly #follower: ChainFollower;
  readonly isCurrent: (head: VerifiedHead) => boolean;
  /** The earlier headers that were asked for last, encoded: who looks at the past looks at several things there. */
  readonly #earlier = new Map<number, Uint8Array>();

  constructor(parts: PeerSourceParts) {
    this.#parts = parts;
    this.#follower = parts.follower;
    this.isCurrent = parts.isCurrent;
  }

  head(): VerifiedHead | undefined {
    return this.#follower.head();
  }

  prove(stream: Uint8Array, keys: readonly Uint8Array[], signal?: AbortSignal): Promise<ProvedKeys> {
    return inParts(keys, (some) => this.#ask(stream, { keys: some }, signal));
  }

  async proveAt(height: number, stream: Uint8Array, keys: readonly Uint8Array[], signal?: AbortSignal): Promise<ProvedKeys> {
    const { follower, clock, trustRoot } = this.#parts;
    const until = signal === undefined ? this.#parts.signal : eitherSignal(signal, this.#parts.signal);
    await follower.ready(until);
    const last = follower.head()?.height ?? 0;
    if (last - height > PROOF_WINDOW_HEIGHTS) {
      const words = `streams are proved as they were under the last ${PROOF_WINDOW_HEIGHTS} headers: from ${last - PROOF_WINDOW_HEIGHTS} on, not under ${height}`;
      throw new PerigeeError('PRUNED', words);
    }
    const header = this.#earlier.get(height) ?? (await this.#header(height, until));
    return inParts(keys, async (some) => {
      const question = { keys: some };
      const ask = async (peer: Peer, stop: AbortSignal): Promise<{ head: VerifiedHead; proved: KvProved }> => {
        try {
          const answer = await peer.kv({ stream, keys: [...some], height: height - 1 }, { signal: stop });
          const input = { height, stream, question, answer: KvAnswer.encode(answer), header, chainId: trustRoot.chainId };
          return await this.#parts.verify.run('kvUnder', input, { signal: stop });
        } catch (error) {
          throw stop.aborted ? error : judge(peer, error, this.#parts.onLie);
        }
      };
      try {
        return await askAround({ candidates: this.#parts.peers, ask, clock, signal: until });
      } catch (cause) {
        if (until.aborted || (cause instanceof PerigeeError && cause.code === 'PRUNED')) throw cause;
        const words = `no peer proved what the stream held under header ${height}; connect to another that serves the chain`;
        throw new PerigeeError('UNPROVEN', words, { cause });
      }
    });
  }

  async #header(height: number, signal: AbortSignal): Promise<Uint8Array> {
    const { answer } = await earlierHeader(height, { ...this.#parts, signal });
    this.#earlier.set(height, answer);
    const [oldest] = this.#earlier.keys();
    if (this.#earlier.size > KEPT_EARLIER && oldest !== undefined) this.#earlier.delete(oldest);
    return answer;
  }

  async scan(stream: Uint8Array, scan: KvScan, signal?: AbortSignal): Promise<ProvedScan> {
    rangeOfScan(stream, scan); // says what is wrong with it before anybody is asked
    const { head, proved } = await this.#ask(stream, { scan }, signal);
    const { found, complete, proofBytes: bytes, verifyMs } = proved;
    return { head, found, complete, proof: { bytes, verifyMs } };
  }

  #ask(stream: Uint8Array, question: KvQuestion, signal?: AbortSignal): Promise<{ head: VerifiedHead; proved: KvProved }> {
    const asked = { stream, keys: 'keys' in question ? [...question.keys] : [], ...('scan' in question ? question : {}) };
    return this.#follower.answer(
      {
        store: STORE.kv,
        ask: async (peer: Peer, height, until) => KvAnswer.encode(await peer.kv({ ...asked, height }, { signal: until })),
        check: (answer, height, verify) => verify.run('kv', { height, stream, question, answer }, CHAIN_WORKER),
      },
      signal && { signal },
    );
  }
}

/** Asks for fewer keys at once where long values do not fit one answer together. */
async function inParts(
  keys: readonly Uint8Array[],
  ask: (some: readonly Uint8Array[]) => Promise<{ readonly head: VerifiedHead; readonly proved: KvProved }>,
): Promise<ProvedKeys> {
  try {
    const { head, proved } = await ask(keys);
    const { found, proofBytes: bytes, verifyMs } = proved;
    return { head, entries: found.map(({ entry }) => entry), proof: { bytes, verifyMs } };
  } catch (error) {
    if (keys.length < 2 || !isTooLong(error)) throw error;
    const half = Math.ceil(keys.length / 2);
    const [a, b] = [await inParts(keys.slice(0, half), ask), await inParts(keys.slice(half), ask)];
    const proof = { bytes: a.proof.bytes + b.proof.bytes, verifyMs: a.proof.verifyMs + b.proof.verifyMs };
    // the earlier of the two heads: no value is said to be fresher than it is
    return { head: a.head, entries: [...a.entries, ...b.entries], proof };
  }
}

/** Of the peer that was asked last: the others said so too, or nothing. */
function isTooLong(error: unknown): boolean {
  return error instanceof PerigeeError && error.cause instanceof PerigeeError && error.cause.code === 'FRAME_TOO_LARGE';
}
