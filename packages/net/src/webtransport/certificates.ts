import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { fromBase64, PerigeeError, toBase64 } from '@perigee/wire';
import { certificateHash, selfSigned } from '../certificate.ts';
import { readSecret, writeSecret } from '../secret-file.ts';
import type { PemPair } from './bridge.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Browsers take no certificate by its hash that is valid for longer. */
const LIFETIME_MS = 14 * DAY_MS;
/** Clocks differ: it is valid for so long before it is used and after. */
const SKEW_MS = HOUR_MS;
const SERVED_MS = LIFETIME_MS - 2 * SKEW_MS;

/** Of the file's format. */
const VERSION = 1;

interface Kept {
  /** When it takes the place of the one before, milliseconds since 1970. */
  readonly from: number;
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
}

interface State {
  /** Multihash of the certificate before. */
  readonly previous: Uint8Array | undefined;
  readonly current: Kept;
  readonly next: Kept;
}

/**
 * The certificates of a WebTransport listener: the one in use, and the one that takes its place. An address names both, so it can be dialled until the second ends,
 * 14 to 28 days. The file `webtransport.json` of the folder keeps them, with their keys, so that a restart keeps the address.
 */
export class Certificates {
  readonly #path: string | undefined;
  #state: State;

  private constructor(path: string | undefined, state: State) {
    this.#path = path;
    this.#state = state;
  }

  /**
   * @param directory without it they are new each time
   * @throws STORE_CORRUPT, STORE_VERSION
   */
  static async open(directory: string | undefined, now: number): Promise<Certificates> {
    const path = directory === undefined ? undefined : join(directory, 'webtransport.json');
    const text = path === undefined ? undefined : await readSecret(path);
    const stored = path === undefined || text === undefined ? undefined : parse(text, path);
    const certificates = new Certificates(path, stored ?? fresh(now));
    if (stored === undefined) await certificates.#use(certificates.#state);
    else await certificates.rotate(now);
    return certificates;
  }

  /** What peers are shown. */
  get current(): PemPair {
    const { key, certificate } = this.#state.current;
    return { pem: certificate.toString(), privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }

  /** Multihashes for the address: of the current certificate and the next. */
  get announced(): readonly Uint8Array[] {
    const { current, next } = this.#state;
    return [certificateHash(current.certificate), certificateHash(next.certificate)];
  }

  /** Multihashes that Noise vouches for: those, and the one before, since who dials by an older address asks that all hashes in it are confirmed. */
  get confirmed(): readonly Uint8Array[] {
    const { previous } = this.#state;
    return previous === undefined ? this.announced : [previous, ...this.announced];
  }

  /** When the next one takes over, milliseconds since 1970. */
  get rotatesAt(): number {
    return this.#state.next.from;
  }

  /** Takes the next one when it is time, once that is written. @returns whether the address has changed */
  async rotate(now: number): Promise<boolean> {
    const { current, next } = this.#state;
    const isEarly = now < current.from - SKEW_MS; // a clock that was far ahead once
    if (isEarly || now >= next.from + SERVED_MS) await this.#use(fresh(now));
    else if (now >= next.from) {
      await this.#use({ previous: certificateHash(current.certificate), current: next, next: make(next.from + SERVED_MS) });
    } else return false;
    return true;
  }

  async #use(state: State): Promise<void> {
    const { previous, current, next } = state;
    const text = JSON.stringify({
      version: VERSION,
      ...(previous === undefined ? {} : { previous: toBase64(previous) }),
      current: written(current),
      next: written(next),
    });
    if (this.#path !== undefined) await writeSecret(this.#path, `${text}\n`);
    this.#state = state;
  }
}

function fresh(now: number): State {
  return { previous: undefined, current: make(now), next: make(now + SERVED_MS) };
}

function make(from: number): Kept {
  return { from, ...selfSigned(from - SKEW_MS, from - SKEW_MS + LIFETIME_MS) };
}

interface Written {
  readonly from: number;
  /** PKCS #8 and X.509, DER in base64. */
  readonly key: string;
  readonly certificate: string;
}

function written({ from, key, certificate }: Kept): Written {
  return { from, key: toBase64(key.export({ type: 'pkcs8', format: 'der' })), certificate: toBase64(certificate.raw) };
}

/** @throws STORE_CORRUPT, STORE_VERSION */
function parse(text: string, path: string): State {
  let file: { version?: unknown; previous?: unknown; current?: Written; next?: Written } | null;
  try {
    file = JSON.parse(text);
    if (file?.version === VERSION) {
      const previous = file.previous === undefined ? undefined : fromBase64(String(file.previous));
      return { previous, current: read(file.current), next: read(file.next) };
    }
  } catch (cause) {
    throw corrupt(path, cause);
  }
  if (typeof file?.version !== 'number') throw corrupt(path);
  throw new PerigeeError('STORE_VERSION', `${path} is of version ${file.version}, which this program does not know`);
}

function read(kept: Written | undefined): Kept {
  if (kept === undefined || !Number.isSafeInteger(kept.from)) throw new PerigeeError('PARSE', 'a certificate is missing');
  const key = createPrivateKey({ key: Buffer.from(kept.key, 'base64'), format: 'der', type: 'pkcs8' });
  const certificate = new X509Certificate(Buffer.from(kept.certificate, 'base64'));
  if (!createPublicKey(key).equals(certificate.publicKey))
    throw new PerigeeError('PARSE', 'a key is not that of its certificate');
  return { from: kept.from, key, certificate };
}

function corrupt(path: string, cause?: unknown): PerigeeError {
  const words = `${path} does not hold two certificates with their keys; remove it to get new ones`;
  return new PerigeeError('STORE_CORRUPT', words, { cause });
}
