/** Texts that are to be embedded, and the vectors that came of them. */
import { MAX_EMBEDDING_INPUTS, MAX_PROMPT_BYTES, PerigeeError, utf8 } from '@perigee/wire';
import { readFileOf } from '../files.ts';

/**
 * @param words one text each
 * @param file one text on each line that is not empty, in place of the words; `-` is standard input
 * @throws INVALID_ARGUMENT; NOT_FOUND, REFUSED of a file
 */
export async function readTexts(words: readonly string[], file: string | undefined): Promise<readonly string[]> {
  if (file !== undefined && words.length > 0) {
    throw new PerigeeError('INVALID_ARGUMENT', 'name the texts on the command line or in --file, not both');
  }
  const texts = file === undefined ? words : linesOf(file === '-' ? await readInput() : await readFile(file));
  if (texts.length === 0 || texts.length > MAX_EMBEDDING_INPUTS || texts.includes('')) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `1 to ${MAX_EMBEDDING_INPUTS} texts are embedded at once, none of them empty; there are ${texts.length}: perigee infer --embed "A text" "Another"`,
    );
  }
  checkSize(texts.reduce((sum, text) => sum + utf8(text).length, 0));
  return texts;
}

/**
 * Vectors as they were signed, f32 little-endian.
 *
 * @returns numbers that f32 holds exactly
 * @throws PARSE when they are not as many, or not of one size
 */
export function vectorsOf(chunks: readonly Uint8Array[], count: number, dimensions: number): number[][] {
  if (chunks.length !== count || chunks.some(({ length }) => length !== 4 * dimensions)) {
    throw new PerigeeError('PARSE', `${count} vectors of ${dimensions} numbers were asked for, and something else came`);
  }
  return chunks.map((chunk) => {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    return Array.from({ length: dimensions }, (_, i) => view.getFloat32(4 * i, true));
  });
}

async function readFile(path: string): Promise<string> {
  const bytes = await readFileOf(path, 'texts to embed');
  return new TextDecoder().decode(bytes);
}

/** @throws INVALID_ARGUMENT as soon as there is more than one request may have */
async function readInput(): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    bytes += part.length;
    checkSize(bytes / 2); // of line ends and empty lines there may be as much as of texts
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== '');
}

function checkSize(bytes: number): void {
  if (bytes <= MAX_PROMPT_BYTES) return;
  throw new PerigeeError('INVALID_ARGUMENT', `texts of one request have at most ${MAX_PROMPT_BYTES} bytes in all`);
}
