import { type CanonicalCommittee, requiredStake } from '@perigee/light-core/da';
import type { Clock } from '@perigee/light-core/roles';
import { keyText, MAX_PARALLEL_UPLOADS, PerigeeError, type PromiseBody, UPLOAD_STRAGGLER_MS } from '@perigee/wire';

/** A member that did not sign, and why. */
export interface MemberRefusal {
  readonly address: Uint8Array;
  readonly error: PerigeeError;
}

export interface CollectedSignatures {
  /** Place in the committee → 64 bytes. */
  readonly signatures: ReadonlyMap<number, Uint8Array>;
  readonly refusals: readonly MemberRefusal[];
}

export interface CollectOptions {
  readonly committee: CanonicalCommittee;
  readonly body: PromiseBody;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Gets the verified signature of the member at this place. */
  readonly ask: (member: number, signal: AbortSignal) => Promise<Uint8Array>;
  /** Told whenever a member signed or refused. */
  readonly onChange: (signed: number, refused: number) => void;
}

/**
 * Ask all members at once, some at a time. With a quorum, the others still get UPLOAD_STRAGGLER_MS; without hope of one, all is given up.
 *
 * @throws QUORUM with the refusals in words, ABORTED
 */
export async function collectSignatures(options: CollectOptions): Promise<CollectedSignatures> {
  const { committee, body, clock, signal, ask, onChange } = options;
  const required = requiredStake(committee.totalStake, body);
  const signatures = new Map<number, Uint8Array>();
  const refusals: MemberRefusal[] = [];
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  let signed = 0n;
  let lost = 0n;
  let waiting = false;

  const settle = async (): Promise<void> => {
    onChange(signatures.size, refusals.length);
    if (committee.totalStake - lost < required) stop.abort(new PerigeeError('QUORUM', 'too few members are left'));
    if (signed < required || waiting) return;
    waiting = true;
    await clock.sleep(UPLOAD_STRAGGLER_MS, stop.signal).catch(() => {});
    stop.abort(new PerigeeError('TIMEOUT', 'others had signed, and this member took too long'));
  };
  const members = committee.members.entries();
  const askSome = async (): Promise<void> => {
    for (const [place, { address, stake }] of members) {
      try {
        signatures.set(place, await ask(place, stop.signal));
        signed += stake;
      } catch (error) {
        refusals.push({ address, error: PerigeeError.from(error) });
        lost += stake;
      }
      void settle();
    }
  };
  try {
    await Promise.all(Array.from({ length: MAX_PARALLEL_UPLOADS }, askSome));
  } finally {
    stop.abort();
    signal?.removeEventListener('abort', onAbort);
  }
  if (signed < required) {
    if (signal?.aborted) throw PerigeeError.from(signal.reason);
    const why = refusals.map(({ address, error }) => `${keyText(address)}: ${error.code} ${error.message}`).join('; ');
    throw new PerigeeError('QUORUM', `members with ${signed} of ${required} stake signed. ${why}`.slice(0, 1_000));
  }
  return { signatures, refusals };
}
