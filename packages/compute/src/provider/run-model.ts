import { type AnswerPiece, AnswerPieces } from '@perigee/light-core/receipt';
import { type InferenceParameters, type InferenceRequest, PerigeeError } from '@perigee/wire';
import type { Model } from '../engines/index.ts';

/**
 * Runs a model, and makes of what it gives the pieces that are signed: whole characters, or one vector after another as f32 little-endian.
 *
 * @throws what the model throws; INTERNAL when it breaks the rules of engines
 */
export async function* runModel(
  model: Model,
  request: InferenceRequest,
  { seed = 0, ...parameters }: InferenceParameters,
  signal: AbortSignal,
): AsyncGenerator<AnswerPiece> {
  if (model.kind === 'embeddings') {
    const { vectors, promptTokens } = await model.embed(request.inputs, { signal });
    if (vectors.length !== request.inputs.length || vectors.some(({ length }) => length !== model.dimensions)) {
      throw new PerigeeError('INTERNAL', `${model.id} did not give a vector of ${model.dimensions} for each input`);
    }
    const usage = { promptTokens, answerTokens: 0 };
    for (const [i, vector] of vectors.entries()) {
      yield { chunk: vectorBytes(vector), usage, ...(i === vectors.length - 1 ? { finish: 'stop' } : {}) };
    }
    return;
  }
  const pieces = new AnswerPieces();
  for await (const generated of model.generate(request.messages, { ...parameters, seed }, { signal })) {
    yield* pieces.push(generated);
    if (generated.finish !== undefined) return;
  }
  throw new PerigeeError('INTERNAL', `${model.id} ended its answer without saying how`);
}

function vectorBytes(vector: Float32Array): Uint8Array {
  const out = new Uint8Array(4 * vector.length);
  const view = new DataView(out.buffer);
  for (const [i, value] of vector.entries()) view.setFloat32(4 * i, value, true);
  return out;
}
