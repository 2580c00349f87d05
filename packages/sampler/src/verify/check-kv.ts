/** What peers prove of streams, checked under a verified header. */
import { verifyKvChanges, verifyKvScan, verifyKvValues } from '@perigee/light-core/kv';
import { type ExistenceProof, KvAnswer, type KvEntry, type KvScan, type KvWatch, PerigeeError } from '@perigee/wire';

/** What was asked of a stream: keys, a range, or changes. */
export type KvQuestion =
  | { readonly keys: readonly Uint8Array[] }
  | { readonly scan: KvScan }
  | { readonly watch: Pick<KvWatch, 'key' | 'isPrefix'> };

/** A key with its entry; `undefined` where its absence was proved. */
export interface KvFound {
  readonly key: Uint8Array;
  readonly entry: KvEntry | undefined;
}

/** What an answer proved. */
export interface KvProved {
  /** In the order of the keys, or of the range; ascending for changes. */
  readonly found: readonly KvFound[];
  /** Whether a range holds no more. */
  readonly complete: boolean;
  /** Time of the header, milliseconds since 1970. */
  readonly timeMs: number;
  /** Bytes of the answer, without the keys and values whose presence it proves. */
  readonly proofBytes: number;
  /** Milliseconds that the check took. */
  readonly verifyMs: number;
}

export interface CheckKvInput {
  /** Of the header; the state is that of the height before. */
  readonly height: number;
  readonly stream: Uint8Array;
  readonly question: KvQuestion;
  /** Encoded `KvAnswer`. */
  readonly answer: Uint8Array;
}

/** @throws PROOF, also for an answer to another question, or of another height; PROOF_ROOT, PARSE */
export function checkKv(
  { height, stream, question, answer }: CheckKvInput,
  appHash: Uint8Array,
): Omit<KvProved, 'timeMs' | 'verifyMs'> {
  const { proofs, run, changes } = KvAnswer.decode(answer);
  const expected = { appHash, stream };
  const isOf = (given: number): void => {
    if (given !== height - 1) throw refuse(`it is of height ${given}, not of ${height - 1}`);
  };
  if ('keys' in question) {
    const { keys } = question;
    for (const proof of proofs) isOf(proof.height);
    const entries = verifyKvValues(proofs, { ...expected, keys });
    const found = keys.map((key, i) => ({ key, entry: entries[i] }));
    return { found, complete: true, proofBytes: answer.length - carried(proofs.map(({ inner }) => inner.exist)) };
  }
  if ('scan' in question) {
    if (run === undefined) throw refuse('a range was asked for, and none came');
    isOf(run.height);
    const { values, complete } = verifyKvScan(run, { ...expected, scan: question.scan });
    return { found: values, complete, proofBytes: answer.length - carried(run.leaves) };
  }
  if (changes === undefined) throw refuse('changes were subscribed to, and something else came');
  isOf(changes.height);
  const found = verifyKvChanges(changes, { ...expected, watch: question.watch });
  return { found, complete: !changes.more, proofBytes: answer.length - carried(changes.proofs.map(({ inner }) => inner.exist)) };
}

/** What presence was proved of: a proof carries it, and without the proof it would have come too. */
function carried(leaves: readonly (ExistenceProof | undefined)[]): number {
  return leaves.reduce((sum, leaf) => sum + (leaf === undefined ? 0 : leaf.key.length + leaf.value.length), 0);
}

function refuse(what: string): PerigeeError {
  return new PerigeeError('PROOF', `proof of a stream is refused: ${what}`);
}
