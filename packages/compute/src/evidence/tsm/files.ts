import { constants, open } from 'node:fs/promises';
import { MAX_REPORT_ATTRIBUTE_BYTES, MAX_REPORT_BYTES, PerigeeError } from '@perigee/wire';
import { fileError } from './file-error.ts';

/**
 * Reads a file of the kernel to its end: its size is not known before.
 *
 * @throws FRAME_TOO_LARGE past `max` bytes; NOT_FOUND, REFUSED, BUSY, UNSUPPORTED, INTERNAL
 */
async function readBounded(path: string, max: number): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  try {
    const buffer = new Uint8Array(max + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) return buffer.slice(0, length);
      length += bytesRead;
      if (length > max) throw new PerigeeError('FRAME_TOO_LARGE', `${path} gives more than ${max} bytes`);
    }
  } catch (cause) {
    throw cause instanceof PerigeeError ? cause : fileError(path, cause);
  } finally {
    await file.close();
  }
}

/** A report, or what comes beside one. */
export function readBlob(path: string): Promise<Uint8Array> {
  return readBounded(path, MAX_REPORT_BYTES);
}

/** A word or a number. */
export async function readAttribute(path: string): Promise<string> {
  return new TextDecoder().decode(await readBounded(path, MAX_REPORT_ATTRIBUTE_BYTES)).trim();
}

/** One write: the kernel takes an attribute when its file is closed. It makes no file of its own. */
export async function writeAttribute(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const file = await open(path, constants.O_WRONLY);
    try {
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten !== bytes.length)
        throw new PerigeeError('INTERNAL', `${path} took ${bytesWritten} of ${bytes.length} bytes`);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw cause instanceof PerigeeError ? cause : fileError(path, cause);
  }
}
