import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { equal, fromHex, MAX_REGISTERED_COLLATERAL_BYTES, toHex } from '@perigee/wire';
import { readBoundedFile, writeWhole } from '../../collateral/index.ts';

/** The longer of what a registration brings. */
const MAX_FILE_BYTES = MAX_REGISTERED_COLLATERAL_BYTES;

/** Evidence and collateral of a provider's registrations on disk, each under the SHA-256 of its bytes: the form is the vendor's, and the name says if they are whole. */
export class EvidenceFiles {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<EvidenceFiles> {
    await mkdir(folder, { recursive: true });
    return new EvidenceFiles(folder);
  }

  /** Resolves when it is on disk. @returns its SHA-256 @throws STORE_FULL */
  async keep(bytes: Uint8Array): Promise<Uint8Array> {
    const id = sha256(bytes);
    await writeWhole(join(this.#folder, toHex(id)), bytes);
    return id;
  }

  /** @returns `undefined` when there is none, or what is there is not it */
  async get(id: Uint8Array): Promise<Uint8Array | undefined> {
    const bytes = await readBoundedFile(join(this.#folder, toHex(id)), MAX_FILE_BYTES);
    return bytes !== undefined && equal(sha256(bytes), id) ? bytes : undefined;
  }

  /** Removes all but these. */
  async retain(ids: readonly Uint8Array[]): Promise<void> {
    const kept = new Set(ids.map((id) => toHex(id)));
    const names = (await readdir(this.#folder)).filter((name) => isName(name) && !kept.has(name));
    await Promise.all(names.map((name) => rm(join(this.#folder, name), { force: true })));
  }
}

function isName(name: string): boolean {
  try {
    return fromHex(name.replace(/\.new$/, ''), 32).length === 32;
  } catch {
    return false;
  }
}
