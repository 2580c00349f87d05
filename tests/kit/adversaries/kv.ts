/** Answers about streams that do not prove what was asked. */
import { entryKey } from '@perigee/light-core/kv';
import type { ExistenceProof, KvAnswer, KvRequest, StateProof } from '@perigee/wire';
import { eachAnswer, flipped, type KvLie, otherRequest } from './liar.ts';

/** Another value under the same path, wherever one stands. */
export const forgedValue: KvLie = eachAnswer(({ proofs, run, changes }) => ({
  proofs: proofs.map(forged),
  ...(run && {
    run: { ...run, leaves: run.leaves.map((leaf) => ({ ...leaf, value: flipped(leaf.value, leaf.value.length - 1) })) },
  }),
  ...(changes && { changes: { ...changes, proofs: changes.proofs.map(forged) } }),
}));

/** What was so at an early height, said to be so now. */
export const oldRoot: KvLie = (honest) => (request, context) => {
  const relabel = eachAnswer<KvRequest, KvAnswer>(({ proofs, run }) => ({
    proofs: proofs.map((proof) => ({ ...proof, height: request.height })),
    ...(run && { run: { ...run, height: request.height } }),
  }));
  return relabel(honest)({ ...request, height: 2 }, context);
};

/** A key that is there, said to be missing: its own leaf as the neighbour. */
export const presentSaidMissing: KvLie = eachAnswer(({ proofs, ...rest }) => ({
  ...rest,
  proofs: proofs.map((proof) => {
    const { exist } = proof.inner;
    return exist === undefined ? proof : { ...proof, inner: { nonexist: { key: exist.key, left: exist } } };
  }),
}));

/** A key that is missing, said to be there: with its neighbour's leaf under its name. */
export const missingSaidPresent: KvLie = eachAnswer(({ proofs, ...rest }, { stream, keys }) => ({
  ...rest,
  proofs: proofs.map((proof, i) => {
    const { left, right } = proof.inner.nonexist ?? {};
    const leaf = left ?? right;
    return leaf === undefined
      ? proof
      : { ...proof, inner: { exist: { ...leaf, key: entryKey(stream, keys[i] ?? new Uint8Array(0)) } } };
  }),
}));

/** A range without one of its leaves. */
export const hole: KvLie = eachAnswer(({ run, ...rest }) => ({
  ...rest,
  ...(run && { run: { ...run, leaves: run.leaves.filter((_, i) => i !== 1) } }),
}));

/** What another stream holds. */
export const otherStream = (stream: Uint8Array): KvLie => otherRequest((request) => ({ ...request, stream }));

/** One proof too few. */
export const missingProof: KvLie = eachAnswer(({ proofs, ...rest }) => ({ ...rest, proofs: proofs.slice(1) }));

/** Subscriptions on which nothing that changes is told. */
export const silentAboutChanges: KvLie = (honest) =>
  async function* (request, context) {
    for await (const answer of honest(request, context) as AsyncIterable<KvAnswer>) {
      yield answer.changes === undefined ? answer : { ...answer, changes: { ...answer.changes, proofs: [], more: false } };
    }
  };

/** A change that is told again and again, as if more of its height followed. */
export const endlessChanges: KvLie = (honest) =>
  async function* (request, context) {
    for await (const answer of honest(request, context) as AsyncIterable<KvAnswer>) {
      const { changes } = answer;
      if (changes === undefined || changes.proofs.length === 0) yield answer;
      else while (!context.signal.aborted) yield { ...answer, changes: { ...changes, more: true } };
    }
  };

/** Each height told as done twice. */
export const sameHeight: KvLie = (honest) =>
  async function* (request, context) {
    for await (const answer of honest(request, context) as AsyncIterable<KvAnswer>) {
      yield answer;
      if (answer.changes?.more === false) yield { ...answer, changes: { ...answer.changes, proofs: [] } };
    }
  };

/** Changes of keys that nobody subscribed to. */
export const otherChanges: KvLie = otherRequest((request) =>
  request.watch === undefined ? request : { ...request, watch: { ...request.watch, key: new Uint8Array(0), isPrefix: true } },
);

function forged(proof: StateProof): StateProof {
  const exist: ExistenceProof | undefined = proof.inner.exist;
  if (exist === undefined) return proof;
  return { ...proof, inner: { exist: { ...exist, value: flipped(exist.value, exist.value.length - 1) } } };
}
