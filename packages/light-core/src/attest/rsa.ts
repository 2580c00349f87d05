/** Keys and signatures of RSA. Only AMD has them, so they are passed in where a chain may hold them, and other platforms do not load this. */
import { toHex } from '@perigee/wire';
import { refuse } from './code.ts';
import type { RsaKey } from './crypto.ts';
import { type Der, readDer, sequence, TAG } from './der.ts';
import { smallOf, unsignedOf } from './der-values.ts';
import { isRsaModulus } from './ecdsa-form.ts';
import type { SignatureAlgorithm } from './signature.ts';

/** How RSA is read. */
export interface RsaForms {
  /** @returns `undefined` for what is no RSA. @throws ATTESTATION (KEY) */
  keyOf(spki: Uint8Array, id: string, parameters: Der | undefined, key: Uint8Array): RsaKey | undefined;
  algorithmOf(id: string, parameters: Der | undefined): SignatureAlgorithm | undefined;
}

/**
 * Content of the parameters of RSASSA-PSS (RFC 4055 §3.1) for SHA-384, MGF1 over SHA-384 and 48 bytes of salt. AMD writes the trailer field, although it
 * is the default; both forms are taken.
 */
const PSS_SHA384 = 'a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130';
const PSS_PARAMETERS = new Set([PSS_SHA384, `${PSS_SHA384}a303020101`]);
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const EXPONENT = 65_537;

export const RSA: RsaForms = {
  keyOf(spki, id, parameters, key) {
    if (id !== RSA_ENCRYPTION || parameters?.tag !== TAG.null || parameters.value.length !== 0) return undefined;
    const [modulus, exponent, ...more] = sequence(readDer(key, TAG.sequence));
    const read = { type: 'RSA', modulus: unsignedOf(modulus), spki } as const;
    if (more.length === 0 && smallOf(exponent) === EXPONENT && isRsaModulus(read.modulus)) return read;
    throw refuse('KEY', 'an RSA key has another exponent than 65537, or not 2048 to 4096 bits');
  },
  algorithmOf(id, parameters) {
    const isPss = id === RSASSA_PSS && parameters?.tag === TAG.sequence && PSS_PARAMETERS.has(toHex(parameters.value));
    return isPss ? 'rsa-pss-sha384' : undefined;
  },
};
