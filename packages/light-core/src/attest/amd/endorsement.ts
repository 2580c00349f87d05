import { refuse } from '../code.ts';
import { readDer, TAG } from '../der.ts';
import { octetsOf, smallOf } from '../der-values.ts';
import type { Certificate } from '../x509.ts';
import { productOfName, type SnpProduct } from './product.ts';
import type { SnpTcb } from './tcb.ts';

/** Extensions of VCEK and VLEK certificates (AMD 57230, "VCEK and VLEK Certificate Extensions"). */
export const SNP_EXTENSIONS = {
  productName: '1.3.6.1.4.1.3704.1.2',
  bootloader: '1.3.6.1.4.1.3704.1.3.1',
  tee: '1.3.6.1.4.1.3704.1.3.2',
  snp: '1.3.6.1.4.1.3704.1.3.3',
  microcode: '1.3.6.1.4.1.3704.1.3.8',
  /** Turin alone. */
  fmc: '1.3.6.1.4.1.3704.1.3.9',
  /** VCEK alone. */
  chipId: '1.3.6.1.4.1.3704.1.4',
  /** VLEK alone: for which cloud the key was made. */
  cloud: '1.3.6.1.4.1.3704.1.5',
} as const;

/** Bytes of a chip id in the certificates of Turin, and of the lines before. A report has 64 always, and zeros behind a short one. */
const TURIN_CHIP_ID_BYTES = 8;
export const CHIP_ID_BYTES = 64;

const IA5_STRING = 0x16;

/** What AMD says of the key that signed a report. */
export interface Endorsement {
  readonly product: SnpProduct;
  /** The levels at which the chip made this key: it cannot make it at lower ones. */
  readonly tcb: SnpTcb;
  /** VCEK: which chip. */
  readonly chipId: Uint8Array | undefined;
  /** VLEK: which cloud. */
  readonly cloud: string | undefined;
}

/**
 * Reads what an endorsement certificate says.
 *
 * @param kind a VCEK names a chip and no cloud, a VLEK a cloud and no chip
 * @throws refusal CERTIFICATE and what reading DER throws
 */
export function readEndorsement({ extensions }: Certificate, kind: 'vcek' | 'vlek'): Endorsement {
  const get = (name: keyof typeof SNP_EXTENSIONS) => extensions.get(SNP_EXTENSIONS[name]);
  const words = (name: keyof typeof SNP_EXTENSIONS) => {
    const bytes = get(name);
    return bytes === undefined ? undefined : String.fromCharCode(...readDer(bytes, IA5_STRING).value.subarray(0, 256));
  };
  const level = (name: 'bootloader' | 'tee' | 'snp' | 'microcode' | 'fmc') => {
    const bytes = get(name);
    if (bytes === undefined) throw refuse('CERTIFICATE', `The endorsement certificate does not tell the level "${name}".`);
    const value = smallOf(readDer(bytes, TAG.integer));
    if (value > 255) throw refuse('CERTIFICATE', `The endorsement certificate tells level ${value} of "${name}", above 255.`);
    return value;
  };
  const name = words('productName') ?? '';
  const product = productOfName(name);
  if (product === undefined)
    throw refuse('CERTIFICATE', `The endorsement certificate is for a product "${name.slice(0, 40)}" that is not known.`);
  const chipId = readChipId(get('chipId'), product);
  const cloud = words('cloud');
  if (kind === 'vcek' ? chipId === undefined || cloud !== undefined : chipId !== undefined || cloud === undefined) {
    throw refuse(
      'CERTIFICATE',
      `The endorsement certificate is no ${kind.toUpperCase()}: it names ${chipId === undefined ? 'no' : 'a'} chip and ${cloud === undefined ? 'no' : 'a'} cloud.`,
    );
  }
  const tcb = {
    ...(product === 'Turin' ? { fmc: level('fmc') } : {}),
    bootloader: level('bootloader'),
    tee: level('tee'),
    snp: level('snp'),
    microcode: level('microcode'),
  };
  return { product, tcb, chipId, cloud };
}

/** AMD writes the bytes as they are; an octet string around them means the same. */
function readChipId(bytes: Uint8Array | undefined, product: SnpProduct): Uint8Array | undefined {
  if (bytes === undefined) return undefined;
  const due = product === 'Turin' ? TURIN_CHIP_ID_BYTES : CHIP_ID_BYTES;
  const id = bytes.length === due ? bytes : octetsOf(readDer(bytes));
  if (id.length !== due)
    throw refuse('CERTIFICATE', `The endorsement certificate has a chip id of ${id.length} bytes, not ${due}.`);
  return id;
}
