import { mkdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { type AttestCrypto, type Floors, type Roots, raiseFloors } from '@perigee/light-core/attest';
import { decodeFloors, encodeFloors, parseSubject, type VerifiedBundle, verifyBundle } from '@perigee/light-core/attest/bundle';
import type { Clock } from '@perigee/light-core/roles';
import { MAX_COLLATERAL_BUNDLE_BYTES, MAX_KEPT_COLLATERAL, PerigeeError, Turn, toHex } from '@perigee/wire';
import { namesByAge, readBoundedFile, writeWhole } from './folder-files.ts';
import { underLock } from './folder-lock.ts';

const ENDING = '.pgco';
const FLOORS = 'floors.json';
const LOCK = 'lock';
const MAX_FLOORS_BYTES = 1 << 20;

export interface CollateralFolderOptions {
  readonly folder: string;
  readonly crypto: AttestCrypto;
  readonly clock: Pick<Clock, 'now'>;
  readonly roots: Roots;
  /** Floors that the chain has as a parameter, beside those that were seen here. */
  readonly chainFloors?: () => Promise<Floors>;
}

/** A bundle that is kept. */
export interface KeptCollateral {
  readonly subject: string;
  readonly bytes: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  /** `undefined` where it is not current any more, or not to be had for another reason, which `error` tells. */
  readonly verified: VerifiedBundle | undefined;
  readonly error: PerigeeError | undefined;
}

/**
 * Collateral on disk, a file a subject, and the highest numbers that were ever seen in authentic ones. What goes in was verified, and what comes out is
 * verified again: time passes, and floors rise.
 */
export class CollateralFolder {
  readonly #options: CollateralFolderOptions;
  /** One change after the other. */
  readonly #turn = new Turn();

  constructor(options: CollateralFolderOptions) {
    this.#options = options;
  }

  /**
   * Keeps a file in the place of an older one of the same subject.
   *
   * @throws ATTESTATION when it is not authentic, not current, or older than what was seen; PARSE and what else `verifyBundle` throws; STORE_FULL, STORE_CORRUPT, STORE_LOCKED
   */
  keep(subject: string, file: Uint8Array): Promise<VerifiedBundle> {
    return this.#turn.take(() => this.#keep(subject, file));
  }

  /** The file of a subject, as it may be handed on. @returns `undefined` where there is none that is current @throws INVALID_ARGUMENT */
  async get(subject: string): Promise<VerifiedBundle | undefined> {
    const path = this.#path(subject);
    const file = await readBoundedFile(path, MAX_COLLATERAL_BUNDLE_BYTES);
    if (file === undefined) return undefined;
    try {
      const verified = await this.#verify(subject, file);
      const now = new Date(this.#options.clock.now());
      await utimes(path, now, now).catch(() => {}); // only the order in which files go depends on it
      return verified;
    } catch (error) {
      if (error instanceof PerigeeError && error.code === 'STORE_CORRUPT') throw error;
      return undefined;
    }
  }

  /** All that is kept, by subject. */
  async list(): Promise<KeptCollateral[]> {
    const names = await namesByAge(this.#options.folder, ENDING);
    const kept = await Promise.all(names.map((name) => this.#describe(name.slice(0, -ENDING.length).replaceAll('_', '/'))));
    return kept.filter((one) => one !== undefined).sort((a, b) => (a.subject < b.subject ? -1 : 1));
  }

  /** The numbers below which nothing is taken. @throws STORE_CORRUPT */
  async floors(): Promise<Floors> {
    const path = join(this.#options.folder, FLOORS);
    const longer = new PerigeeError('STORE_CORRUPT', `${path} has more than ${MAX_FLOORS_BYTES} bytes, so it holds no floors`);
    const bytes = await readBoundedFile(path, MAX_FLOORS_BYTES, longer);
    return raiseFloors(bytes === undefined ? {} : decodeFloors(bytes), (await this.#options.chainFloors?.()) ?? {});
  }

  async #keep(subject: string, file: Uint8Array): Promise<VerifiedBundle> {
    const { folder } = this.#options;
    const path = this.#path(subject);
    await mkdir(folder, { recursive: true });
    // a command and a node, or two commands, may keep something at once, and each must see what the other has raised
    return underLock(join(folder, LOCK), async () => {
      const verified = await this.#verify(subject, file);
      // the floor first: after a crash between the two, nothing older is taken
      await writeWhole(join(folder, FLOORS), encodeFloors(raiseFloors(await this.floors(), verified.seen)));
      await this.#makeRoom(subject);
      await writeWhole(path, file);
      return verified;
    });
  }

  async #makeRoom(subject: string): Promise<void> {
    const { folder } = this.#options;
    const others = (await namesByAge(folder, ENDING)).filter((name) => join(folder, name) !== this.#path(subject));
    if (others.length < MAX_KEPT_COLLATERAL) return;
    for (const name of others.slice(0, others.length - MAX_KEPT_COLLATERAL + 1)) await rm(join(folder, name), { force: true });
  }

  async #verify(subject: string, file: Uint8Array): Promise<VerifiedBundle> {
    const { crypto, clock, roots } = this.#options;
    return verifyBundle(file, { subject, crypto, roots, time: clock.now(), floors: await this.floors() });
  }

  async #describe(subject: string): Promise<KeptCollateral | undefined> {
    if (!isSubject(subject)) return undefined; // a file that somebody else put there
    const file = await readBoundedFile(this.#path(subject), MAX_COLLATERAL_BUNDLE_BYTES);
    if (file === undefined) return undefined;
    const found = await this.#verify(subject, file).catch((error: unknown) => PerigeeError.from(error));
    const [verified, error] = found instanceof PerigeeError ? [undefined, found] : [found, undefined];
    return { subject, bytes: file.length, sha256: toHex(sha256(file)), verified, error };
  }

  /** @throws INVALID_ARGUMENT for what is no subject: what a peer asks for never names a file of its choice */
  #path(subject: string): string {
    parseSubject(subject);
    return join(this.#options.folder, `${subject.replaceAll('/', '_')}${ENDING}`);
  }
}

function isSubject(text: string): boolean {
  try {
    parseSubject(text);
    return true;
  } catch {
    return false;
  }
}
