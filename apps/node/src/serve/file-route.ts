import { Submissions } from '@perigee/light-core/storage';
import { HttpError, readRange } from '@perigee/net/http';
import { type FileParts, readRange as readFile } from '@perigee/sampler/files';
import { fromHex, PerigeeError, toHex } from '@perigee/wire';
import type { Route } from './light-server.ts';

/** `/file/ROOT`, or a range of it: each segment is given out when it was verified under the root, which the state proves. */
export function answerFile(files: FileParts): Route {
  const submissions = new Submissions(files.state);
  return async ({ headers, signal }, [root = '', ...rest]) => {
    if (rest.length > 0) throw new HttpError(404, 'there is /file/ROOT');
    const file = await submissions.byRoot(readRoot(root), signal);
    if (file === undefined) throw new PerigeeError('NOT_FOUND', 'the chain knows no stored file of this root');
    const range = readRange(headers.range, file.length);
    const { start, end } = range ?? { start: 0, end: file.length };
    const pieces = readFile({ ...files, file, range: { from: start, to: end }, signal });
    return {
      status: range === undefined ? 200 : 206,
      headers: {
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': `attachment; filename="${toHex(file.root)}"`,
        'Content-Length': `${end - start}`,
        'Accept-Ranges': 'bytes',
        // the root names the bytes, for ever; but only who knows the token may have them
        'Cache-Control': 'private, max-age=31536000, immutable',
        ETag: `"${toHex(file.root)}"`,
        ...(range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end - 1}/${file.length}` }),
      },
      pieces,
      end: () => void pieces.return(),
    };
  };
}

function readRoot(text: string): Uint8Array {
  try {
    return fromHex(text, 32);
  } catch (cause) {
    throw new PerigeeError('INVALID_ARGUMENT', 'a root has 32 bytes, written as 64 hexadecimal digits', { cause });
  }
}
