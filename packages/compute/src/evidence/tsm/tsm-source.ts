import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, RandomBytes } from '@perigee/light-core/roles';
import { abortable, throwIfAborted } from '@perigee/net/abort';
import { PerigeeError, REPORT_ATTEMPTS, REPORT_RETRY_MS, REPORT_TIMEOUT_MS, toHex } from '@perigee/wire';
import { checkBound } from '../bound-data.ts';
import { checkReportData, type EvidenceSource, type ProducedEvidence, type SourcePlatform } from '../source.ts';
import { fileError } from './file-error.ts';
import { readAttribute, readBlob, writeAttribute } from './files.ts';

/** Where Linux makes reports, from 6.7 on. */
const REPORTS = '/sys/kernel/config/tsm/report';
const NAME_BYTES = 8;

/** The format of a report, by the name of the driver that makes it. */
const PLATFORMS: Readonly<Record<string, SourcePlatform>> = { tdx_guest: 'intel-tdx', sev_guest: 'amd-sev-snp' };

/** Making a folder of configfs makes its files, and removing it removes them; other file systems do neither. */
export interface ConfigfsCalls {
  mkdir(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
}

export interface TsmOptions {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  /** /sys/kernel/config/tsm/report by default. */
  readonly reports?: string;
  /** Of SEV-SNP: 0, the highest, to 3. */
  readonly privilegeLevel?: number;
  readonly timeoutMs?: number;
  readonly calls?: ConfigfsCalls;
  /** Told of a report that could not be put away. */
  readonly onFault?: (error: PerigeeError) => void;
}

/**
 * Evidence from the kernel (configfs-tsm). Each report has a folder of its own, which is removed whatever happens.
 *
 * @throws NOT_FOUND, UNSUPPORTED, REFUSED, TIMEOUT: this machine gives none, in words
 */
export async function openTsm(options: TsmOptions, signal: AbortSignal): Promise<EvidenceSource> {
  const reports = new Reports(options);
  const platform = await reports.use(signal, (folder) => platformOf(folder));
  return {
    platform,
    async quote(reportData, signal) {
      checkReportData(reportData);
      const made = await reports.undisturbed(reportData, signal);
      if (made.platform !== platform) {
        throw new PerigeeError('UNSUPPORTED', `the kernel makes ${made.platform} reports now, and made ${platform} ones before`);
      }
      checkBound(platform, made.bytes, reportData);
      return made;
    },
  };
}

class Reports {
  readonly #options: TsmOptions;
  readonly #calls: ConfigfsCalls;

  constructor(options: TsmOptions) {
    this.#options = options;
    this.#calls = options.calls ?? { mkdir: async (path) => void (await mkdir(path)), rmdir: (path) => rmdir(path) };
  }

  /** A report during which nobody else wrote. @throws BUSY when there is none after REPORT_ATTEMPTS */
  async undisturbed(reportData: Uint8Array, signal: AbortSignal): Promise<ProducedEvidence> {
    const { clock } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.use(signal, (folder) => this.#report(folder, reportData));
      } catch (error) {
        if (!(error instanceof PerigeeError && error.code === 'BUSY')) throw error;
        if (attempt === REPORT_ATTEMPTS) {
          const words = `no undisturbed report in ${REPORT_ATTEMPTS} attempts: ${error.message}`;
          throw new PerigeeError('BUSY', words, { cause: error });
        }
        await clock.sleep(REPORT_RETRY_MS * 2 ** (attempt - 1), signal);
      }
    }
  }

  /** Gives a report's folder to `work`, for REPORT_TIMEOUT_MS at most: a read of the kernel itself cannot be broken off. */
  async use<T>(signal: AbortSignal, work: (folder: string) => Promise<T>): Promise<T> {
    throwIfAborted(signal);
    const { reports = REPORTS, randomBytes, clock, timeoutMs = REPORT_TIMEOUT_MS } = this.#options;
    const folder = join(reports, `perigee-${toHex(randomBytes(NAME_BYTES))}`);
    await this.#calls.mkdir(folder).catch((cause: unknown) => {
      throw fileError(folder, cause);
    });
    const over = new AbortController();
    const late = clock.sleep(timeoutMs, over.signal).then(() => {
      throw new PerigeeError('TIMEOUT', `no report from ${folder} in ${timeoutMs} ms; see the quoting service of the host`);
    });
    late.catch(() => {}); // of a sleep that nobody waits for any more
    try {
      return await abortable(Promise.race([work(folder), late]), signal);
    } finally {
      over.abort();
      await this.#calls.rmdir(folder).catch((cause: unknown) => this.#options.onFault?.(fileError(folder, cause)));
    }
  }

  async #report(folder: string, reportData: Uint8Array): Promise<ProducedEvidence> {
    const { privilegeLevel } = this.#options;
    const before = await generation(folder);
    let writes = 0;
    if (privilegeLevel !== undefined) {
      await writeAttribute(join(folder, 'privlevel'), new TextEncoder().encode(String(privilegeLevel)));
      writes++;
    }
    await writeAttribute(join(folder, 'inblob'), reportData);
    writes++;
    const bytes = await readBlob(join(folder, 'outblob'));
    const certificates = await auxiliary(folder);
    const platform = await platformOf(folder);
    const after = await generation(folder);
    if (after !== before + writes) {
      throw new PerigeeError('BUSY', `${folder} was written ${after - before} times, and ${writes} of them were ours`);
    }
    if (bytes.length === 0) throw new PerigeeError('PARSE', `${folder} gave an empty report`);
    return { platform, bytes, ...(certificates.length === 0 ? {} : { certificates }) };
  }
}

/** How many times a report's attributes were written. @throws PARSE */
async function generation(folder: string): Promise<number> {
  const text = await readAttribute(join(folder, 'generation'));
  if (!/^\d{1,15}$/.test(text)) throw new PerigeeError('PARSE', `${folder}/generation is "${text}", which is no count`);
  return Number(text);
}

/** @throws UNSUPPORTED */
async function platformOf(folder: string): Promise<SourcePlatform> {
  const provider = await readAttribute(join(folder, 'provider'));
  const platform = Object.hasOwn(PLATFORMS, provider) ? PLATFORMS[provider] : undefined;
  if (platform !== undefined) return platform;
  throw new PerigeeError(
    'UNSUPPORTED',
    `reports of provider "${provider}" are not known; known are ${Object.keys(PLATFORMS).join(', ')}`,
  );
}

/** What comes beside the report; not every provider has it. */
async function auxiliary(folder: string): Promise<Uint8Array> {
  try {
    return await readBlob(join(folder, 'auxblob'));
  } catch (error) {
    if (error instanceof PerigeeError && error.code === 'NOT_FOUND') return new Uint8Array();
    throw error;
  }
}
