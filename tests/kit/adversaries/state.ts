/** Proofs that do not prove what was asked. */
import type { ExistenceProof, StateAnswer, StateProof } from '@perigee/wire';
import { eachAnswer, flipped, otherRequest, type StateLie } from './liar.ts';

/** A right proof of another key. */
export const otherKey: StateLie = otherRequest((request) => ({ ...request, keys: request.keys.map(() => Uint8Array.of(0)) }));

/** A right proof of the height before. */
export const otherHeight: StateLie = otherRequest((request) => ({ ...request, height: request.height - 1 }));

/** What was true at height 1, said to be true now. */
export const staleRoot: StateLie = (honest) => (request, context) => {
  const relabel = eachAnswer<typeof request, StateAnswer>(({ proofs }) => ({
    proofs: proofs.map((proof) => ({ ...proof, height: request.height })),
  }));
  return relabel(honest)({ ...request, height: 1 }, context);
};

/** Another value under the same path. */
export const otherValue: StateLie = eachProof((proof) =>
  onExistence(proof, (exist) => ({ ...exist, value: flipped(exist.value) })),
);

/** A leaf prefix with bytes in it that would make a node of a key. */
export const forgedPrefix: StateLie = eachProof((proof) =>
  onExistence(proof, (exist) => {
    if (exist.leaf === undefined) return exist;
    return {
      ...exist,
      leaf: { ...exist.leaf, prefix: Uint8Array.from([...exist.leaf.prefix, 1, 97, 32, ...new Uint8Array(32)]) },
    };
  }),
);

/** A key that exists, said to be absent: its own leaf as the neighbour. */
export const claimedAbsence: StateLie = eachProof((proof) => {
  const { exist } = proof.inner;
  return exist === undefined ? proof : { ...proof, inner: { nonexist: { key: exist.key, left: exist } } };
});

/** One proof too few. */
export const missingProof: StateLie = eachAnswer(({ proofs }) => ({ proofs: proofs.slice(1) }));

function eachProof(change: (proof: StateProof) => StateProof): StateLie {
  return eachAnswer(({ proofs }) => ({ proofs: proofs.map(change) }));
}

function onExistence(proof: StateProof, change: (exist: ExistenceProof) => ExistenceProof): StateProof {
  const { exist } = proof.inner;
  return exist === undefined ? proof : { ...proof, inner: { exist: change(exist) } };
}
