/** The blocks recorded from a CometBFT 0.38 node, in the vectors folder beside the repository; absent from a plain clone. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = process.env.PERIGEE_VECTORS ?? fileURLToPath(new URL('../../../../../shared/vectors', import.meta.url));

export const hasRecorded = existsSync(`${folder}/comet`);

/** A file of `comet/`, parsed. Vectors are data of our own choice, so their shape is not checked here. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of known shape
export function recorded(name: string): any {
  return JSON.parse(readFileSync(`${folder}/comet/${name}`, 'utf8'));
}
