import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { COLLATERAL_LOCK_POLL_MS, COLLATERAL_LOCK_TIMEOUT_MS, PerigeeError } from '@perigee/wire';

/** Locks that this thread holds, by path: one that names this process and is not among them was left by an earlier process of the same number. No other thread may take any. */
const heldHere = new Set<string>();

/**
 * Runs a job while no other process, and nothing else in this one, runs one under the same lock. A lock whose process has ended without giving it back is
 * taken over.
 *
 * @param path of the lock's own file
 * @throws STORE_LOCKED when it was not free for COLLATERAL_LOCK_TIMEOUT_MS; INTERNAL where the folder cannot be written; what the job throws
 */
export async function underLock<T>(path: string, job: () => Promise<T>): Promise<T> {
  const until = performance.now() + COLLATERAL_LOCK_TIMEOUT_MS;
  while (!(await take(path))) {
    if (performance.now() > until)
      throw new PerigeeError('STORE_LOCKED', `${path} is held by another process; it may be removed when there is none`);
    await new Promise((resolve) => setTimeout(resolve, COLLATERAL_LOCK_POLL_MS));
  }
  try {
    return await job();
  } finally {
    await rm(path, { force: true });
    heldHere.delete(path);
  }
}

async function take(path: string): Promise<boolean> {
  if (heldHere.has(path)) return false;
  heldHere.add(path);
  try {
    const file = await open(path, 'wx', 0o644);
    await file.writeFile(`${process.pid}\n`);
    await file.close();
    return true;
  } catch (error) {
    heldHere.delete(path);
    if (codeOf(error) !== 'EEXIST') throw new PerigeeError('INTERNAL', `${path} cannot be made`, { cause: error });
    await dropIfLeft(path);
    return false;
  }
}

/** Removes the lock of a process that has ended. Another may do the same and be faster: what is moved away is looked at again before it goes. */
async function dropIfLeft(path: string): Promise<void> {
  const owner = await ownerOf(path);
  if (owner === undefined ? !(await isOld(path)) : isAlive(owner, path)) return;
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await ownerOf(aside);
  if (moved !== owner) await link(aside, path).catch(() => {}); // somebody else's, who holds it
  await rm(aside, { force: true });
}

/** Whether a lock without an owner has been there for longer than it takes to write one: its process ended between the two. */
async function isOld(path: string): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > COLLATERAL_LOCK_TIMEOUT_MS,
    () => false,
  );
}

/** The process of a lock; `undefined` when it is gone, or not written yet. */
async function ownerOf(path: string): Promise<number | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    return /^\d{1,10}\n$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number, path: string): boolean {
  if (pid === process.pid) return heldHere.has(path);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH'; // one of another user is alive too
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
