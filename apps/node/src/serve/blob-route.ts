import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HttpError } from '@perigee/net/http';
import type { LightNode } from '@perigee/sampler';
import { fileSink } from '@perigee/sampler/node';
import { readBlobId } from '../blob-id.ts';
import type { Route } from './light-server.ts';

/** Blobs that are fetched at once: each lies on the disk until all of it is verified. */
const MAX_BLOBS = 2;

/** `/blob/COMMITMENT`: given out when all of it was fetched, encoded anew and compared. */
export function answerBlob(node: LightNode, folder: string): Route {
  let fetching = 0;
  return async ({ method, signal }, parts) => {
    const blobId = readBlobId('/blob/COMMITMENT', parts);
    if (method === 'HEAD') throw new HttpError(405, 'a blob is read by GET', { Allow: 'GET, OPTIONS' });
    if (fetching >= MAX_BLOBS) throw new HttpError(503, `${MAX_BLOBS} blobs are being fetched already; come again in a moment`);
    fetching++;
    const path = join(folder, `blob-${randomBytes(8).toString('hex')}`);
    const end = (): void => {
      fetching--;
      void rm(path, { force: true });
    };
    try {
      const { length, sha256 } = await node.retrieve(blobId, { sink: await fileSink(path), signal });
      return {
        status: 200,
        headers: {
          'Content-Type': 'application/octet-stream',
          'Content-Disposition': `attachment; filename="${blobId}"`,
          'Content-Length': `${length}`,
          'Cache-Control': 'private, max-age=31536000, immutable',
          ETag: `"${sha256}"`,
        },
        pieces: createReadStream(path),
        end,
      };
    } catch (error) {
      end();
      throw error;
    }
  };
}
