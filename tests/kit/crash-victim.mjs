/** Run as a process of its own by `crash.test.ts`: writes to files and to LevelDB for ever, and says on standard output what is safe. */
import { writeSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';

/** Bytes of one record: its number, repeated. */
const RECORD = 64 * 1024;

const [, , folder = '', first = '0'] = process.argv;
await mkdir(folder, { recursive: true });
const level = new ClassicLevel(join(folder, 'level'));
const log = await open(join(folder, 'log'), 'a');
for (let record = Number(first); ; record++) {
  await log.write(Buffer.alloc(RECORD, record % 256));
  await log.sync();
  writeSync(1, `log ${record}\n`);
  await level.put(`${record}`, 'x'.repeat(1_000), { sync: true });
  writeSync(1, `level ${record}\n`);
  const file = await open(join(folder, 'whole.new'), 'w');
  await file.writeFile(Buffer.alloc(RECORD, record % 256));
  await file.sync();
  await file.close();
  await rename(join(folder, 'whole.new'), join(folder, 'whole'));
}
