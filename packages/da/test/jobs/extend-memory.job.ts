/** Run as a process of its own: extends and commits to the longest blob again and again, as a publisher does, and says how much memory that took. */
import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { blobGeometry, blobRows } from '@perigee/light-core/da';
import { MAX_BLOB_BYTES } from '@perigee/wire';
import { peakOf } from '../../../../tests/kit/memory.ts';
import { makeRoom } from '../../src/codec/extender.ts';
import { codecThreads, createCodecPool } from '../../src/index.ts';

const KIB_A_MIB = 1024;
const MIB = 1 << 20;

const [, , path, count] = process.argv;
if (path !== undefined && count !== undefined) {
  const geometry = blobGeometry(MAX_BLOB_BYTES, 4);
  const pool = createCodecPool(codecThreads(availableParallelism()));
  const file = await open(path);
  const idleMiB = process.memoryUsage().rss / MIB;
  const peaks: number[] = [];
  for (let blob = 0; blob < Number(count); blob++) {
    const { original, extend } = makeRoom(pool, geometry);
    const { data } = blobRows(MAX_BLOB_BYTES, geometry, original);
    for (let at = 0; at < data.length; ) at += (await file.read(data, at, data.length - at, at)).bytesRead;
    const { row, release } = await extend();
    for (let index = 0; index < geometry.k + geometry.n; index++) row(index).at(-1);
    // not what `resourceUsage` says, which begins with the peak of the process that started this one
    peaks.push(peakOf(process.pid) ?? Math.round(process.resourceUsage().maxRSS / KIB_A_MIB));
    release();
  }
  await pool.close();
  await file.close();
  writeSync(1, `READY ${JSON.stringify({ idleMiB: Math.round(idleMiB), peaks })}\n`);
}
