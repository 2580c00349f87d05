import { execFile } from 'node:child_process';
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PerigeeError } from '@perigee/wire';
import { ClassicLevel } from 'classic-level';
import { describe, expect, it, onTestFinished } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';

const run = promisify(execFile);

/** A store of files that have an index. */
export interface StoreUnderTest {
  /** Puts something into it. */
  fill(): Promise<void>;
  /** All that was put into it, and what it says of that. */
  read(): Promise<unknown>;
  close(): Promise<void>;
}

/** What every store of files with an index keeps to, whatever is in the files. */
export function describeStore(openIn: (dir: string, onFault: (error: PerigeeError) => void) => Promise<StoreUnderTest>): void {
  /** A store that something was put into, and that is closed. */
  async function filled() {
    const dir = temporaryFolder('store');
    const faults: PerigeeError[] = [];
    let opened: StoreUnderTest | undefined;
    const close = async (): Promise<void> => {
      await opened?.close();
      opened = undefined;
    };
    const open = async (): Promise<StoreUnderTest> => {
      opened = await openIn(dir, (error) => faults.push(error));
      return opened;
    };
    onTestFinished(close);
    const store = await open();
    await store.fill();
    const content = await store.read();
    await close();
    return { dir, index: join(dir, 'index'), faults, content, open, close };
  }

  describe('index', () => {
    it('that is damaged costs nothing, whichever file it is, and needs no hand', async () => {
      const { dir, index, faults, content, open, close } = await filled();
      const kept = join(dir, 'kept');
      await cp(index, kept, { recursive: true });
      let rebuilt = 0;
      for (const name of (await readdir(kept)).filter((file) => file !== 'LOCK' && !file.startsWith('LOG'))) {
        for (const damage of ['zeros', 'cut', 'gone'] as const) {
          await rm(index, { recursive: true });
          await cp(kept, index, { recursive: true });
          const path = join(index, name);
          const size = (await readFile(path)).length;
          if (damage === 'zeros') await writeFile(path, Buffer.alloc(size));
          else if (damage === 'cut') await truncate(path, Math.floor(size / 2));
          else await rm(path);
          faults.length = 0;
          expect(await (await open()).read(), `${damage}: ${name}`).toEqual(content);
          if (faults.length > 0) rebuilt++;
          await close();
        }
      }
      expect(rebuilt).toBeGreaterThan(0);
    });

    it('that a newer program wrote is refused, and left as it is', async () => {
      const { index, content, open } = await filled();
      for (const version of [2, 1]) {
        const level = new ClassicLevel<string, Uint8Array>(index, { valueEncoding: 'view' });
        await level.put('format', Uint8Array.of(version, 0, 0, 0));
        await level.close();
        if (version === 2) expect(await codeOfPromise(open())).toBe('STORE_VERSION');
      }
      expect(await (await open()).read()).toEqual(content);
    });

    it('that is in use is refused, and its lock left to whom it belongs', async () => {
      const { dir, index, open } = await filled();
      await open();
      expect(await codeOfPromise(openIn(dir, () => {}))).toBe('STORE_LOCKED');
      // another process: LevelDB's own lock must still be held
      const script = `import { ClassicLevel } from 'classic-level';
        await new ClassicLevel(process.argv[1]).open().then(() => console.log('open'), (error) => console.log(error.cause.code));`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, index]);
      expect(stdout.trim()).toBe('LEVEL_LOCKED');
    });
  });
}
