import { concat, utf8 } from '@perigee/wire';
import { applied } from '../authority.ts';
import type { Change } from '../certificate.ts';
import { seeded } from '../seed.ts';
import type { CurveKey } from '../signing-key.ts';
import { type CborValue, cbor } from './cbor-writer.ts';
import type { NitroPki } from './pki.ts';

/** What a document says, in AWS's order. */
export interface NitroDocument {
  /** Names and values; a change may leave out, add and reorder. */
  readonly entries: readonly (readonly [name: string, value: CborValue])[];
}

/** COSE_Sign1 (RFC 9052 §4.2) around a document. */
export interface CoseFields {
  /** `undefined` writes no tag, as AWS does. */
  readonly tag: number | undefined;
  readonly protectedHeader: Uint8Array;
  readonly unprotectedHeader: CborValue;
  readonly payload: CborValue;
  /** What is signed as the payload. */
  readonly signedPayload: Uint8Array;
  readonly signer: CurveKey;
}

export interface DocumentChanges {
  readonly document?: Change<NitroDocument>;
  readonly cose?: Change<CoseFields>;
}

/** What a caller may bind, each at most 1 KiB; the nonce at most 512 bytes. */
export interface NitroRequest {
  readonly userData: Uint8Array | null;
  readonly nonce: Uint8Array | null;
  readonly publicKey: Uint8Array | null;
}

const PCRS = 16;
/** ES384 */
const ALGORITHM = -35;

/**
 * A document of the Nitro security module ("Verifying the root of trust", aws-nitro-enclaves-nsm-api). PCRs 0 to 4 and 8 are measured, the others zero.
 *
 * @param now seconds since 1970
 */
export function nitroDocument(
  seed: Uint8Array,
  pki: NitroPki,
  request: NitroRequest,
  now: number,
  changes: DocumentChanges = {},
): Uint8Array {
  const { root, region, zone, instance, enclave } = pki.certificates;
  const pcr = (i: number): Uint8Array => (i <= 4 || i === 8 ? seeded(seed, `nitro/pcr${i}`, 48) : new Uint8Array(48));
  const document = applied(changes.document, {
    entries: [
      ['module_id', 'i-00000000000000000-enc0000000000000000'],
      ['digest', 'SHA384'],
      ['timestamp', now * 1_000],
      ['pcrs', new Map(Array.from({ length: PCRS }, (_, i) => [i, pcr(i)]))],
      ['certificate', enclave],
      ['cabundle', [root, region, zone, instance]],
      ['public_key', request.publicKey],
      ['user_data', request.userData],
      ['nonce', request.nonce],
    ],
  });
  const payload = cbor(new Map(document.entries));
  const cose = applied<CoseFields>(changes.cose, {
    tag: undefined,
    protectedHeader: cbor(new Map([[1, ALGORITHM]])),
    unprotectedHeader: new Map(),
    payload,
    signedPayload: payload,
    signer: pki.key,
  });
  const signature = cose.signer.signCompact(cbor(['Signature1', cose.protectedHeader, utf8(''), cose.signedPayload]));
  const message = cbor([cose.protectedHeader, cose.unprotectedHeader, cose.payload, signature]);
  return cose.tag === undefined ? message : concat(Uint8Array.of(0xc0 | cose.tag), message);
}
