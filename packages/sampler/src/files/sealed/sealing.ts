import type { RandomBytes } from '@perigee/light-core/roles';
import {
  fileKeyOf,
  formatSealedHeader,
  newAgreement,
  parseSealedHeader,
  type SealedHeader,
  sealedCheckOf,
} from '@perigee/light-core/sealed';
import { PerigeeError, SEALING_VERSION, Sealing, toHex, utf8 } from '@perigee/wire';
import type { TransferJournal } from '../put/journal.ts';
import { FileCipher } from './cipher.ts';

/** For whom a file is encrypted: all who have a key of 32 bytes, or who has the secret key of a public one (33 bytes). */
export type SealFor = { readonly shared: Uint8Array } | { readonly recipient: Uint8Array };

export interface SealOptions {
  readonly for: SealFor;
  /** 1 under a shared key and 2 to a public one are what 0G's clients read; 3 also shows what was changed. */
  readonly version: 1 | 2 | 3;
  /** What the file is, so that it is encrypted the same way when it is gone on with: its name, its length, when it was changed. */
  readonly source: string;
  /** Of the content, bytes. */
  readonly length: number;
  readonly journal: TransferJournal;
  readonly random: RandomBytes;
}

/**
 * Makes the cipher of a file that is to be stored. What is random in it is kept until `done`: an upload that is gone on with must be of the same bytes, or it would
 * be paid for again.
 *
 * @throws INVALID_ARGUMENT
 */
export async function beginSealing(options: SealOptions): Promise<{ readonly cipher: FileCipher; done(): Promise<void> }> {
  const { journal, source, version, length } = options;
  const whom = 'shared' in options.for ? options.for.shared : options.for.recipient;
  const words = `${version} ${length} ${toHex(whom)} ${source}`;
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(utf8(words)));
  const name = `seal-${toHex(new Uint8Array(digest)).slice(0, 40)}`;
  const done = (): Promise<void> => journal.remove(name);
  const kept = await journal.read(name);
  if (kept !== undefined) {
    const { header, key } = Sealing.decodeCanonical(kept);
    return { cipher: new FileCipher(parseSealedHeader(header), key), done };
  }
  const { header, key } = make(options);
  await journal.write(name, Sealing.encode({ version: SEALING_VERSION, header: formatSealedHeader(header), key }));
  return { cipher: new FileCipher(header, key), done };
}

function make({ for: whom, version, length, random }: SealOptions): { readonly header: SealedHeader; readonly key: Uint8Array } {
  const agreement = 'recipient' in whom ? newAgreement(whom.recipient, random(32)) : undefined;
  const agreed = agreement?.agreed ?? ('shared' in whom ? whom.shared : new Uint8Array(0));
  if (version === 3) {
    const salt = random(32);
    const header = { version, ephemeral: agreement?.ephemeral, salt, length, check: sealedCheckOf(salt, agreed) } as const;
    return { header, key: fileKeyOf(header, agreed) };
  }
  const nonce = random(16);
  if (version === 1 && agreement === undefined) return { header: { version, nonce }, key: fileKeyOf({ version }, agreed) };
  if (version === 2 && agreement !== undefined) {
    return { header: { version, ephemeral: agreement.ephemeral, nonce }, key: fileKeyOf({ version }, agreed) };
  }
  throw new PerigeeError('INVALID_ARGUMENT', 'version 1 is for a shared key, version 2 for a public key; version 3 is for both');
}
