import { readFile } from 'node:fs/promises';
import { builtFile } from '@perigee/workers/node';

/** The file of weights of our own model, which comes with the program. @throws NOT_FOUND when it was not built */
export async function ownWeights(): Promise<Uint8Array> {
  return new Uint8Array(await readFile(builtFile('models/perigee-1.weights', import.meta.url)));
}
