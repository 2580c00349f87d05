import { ownWeights } from '@perigee/compute/engines/own-weights';
import { fileTreeOf } from '@perigee/light-core/storage';
import { equal } from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';
import { readFileOf } from '../files.ts';

/** Of our own weights and the files that were named, those with a root. @throws NOT_FOUND, PARSE */
export async function weightsAmong(
  paths: readonly string[],
): Promise<(modelRoot: Uint8Array) => Promise<Uint8Array | undefined>> {
  const named = paths.map(async (path) => new Uint8Array(await readFileOf(path, 'the weights')));
  const files = await Promise.all([ownWeights(), ...named]);
  const hasher = await loadFileHasher();
  const known = files.map((file) => ({ file, root: fileTreeOf(file, hasher).root }));
  return async (modelRoot) => known.find(({ root }) => equal(root, modelRoot))?.file;
}
