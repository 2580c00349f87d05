import { fromHex, MAX_GPU_MEASUREMENTS, MAX_RIM_ALTERNATIVES } from '@perigee/wire';
import { refuse } from '../../code.ts';
import type { XmlElement } from './xml.ts';

/** Reference values of a driver or a VBIOS (TCG RIM, as a software identification tag). */
export interface Rim {
  /** Such as `GH100`. */
  readonly product: string;
  /** Version of the driver or VBIOS, as the GPU tells it. */
  readonly version: string;
  /** Values that are right, by number of the measurement, counted from 0. */
  readonly golden: ReadonlyMap<number, readonly Uint8Array[]>;
}

export const SWID = 'http://standards.iso.org/iso/19770/-2/2015/schema.xsd';
export const SHA384_NAMESPACE = 'http://www.w3.org/2001/04/xmlenc#sha384';
const DIGEST_BYTES = 48;

/** @throws refusals PARSE, TOO_LARGE */
export function readRim(root: XmlElement): Rim {
  if (root.local !== 'SoftwareIdentity' || root.namespace !== SWID) throw refuse('PARSE', 'The XML holds no reference values.');
  const meta = one(root, 'Meta');
  const payload = one(root, 'Payload');
  const golden = new Map<number, readonly Uint8Array[]>();
  for (const resource of ofName(payload, 'Resource')) {
    if (attribute(resource, 'type') !== 'Measurement') continue;
    const index = whole(attribute(resource, 'index'), MAX_GPU_MEASUREMENTS - 1, 'number of a measurement');
    const active = attribute(resource, 'active');
    if (active !== 'True' && active !== 'False') throw refuse('PARSE', `Reference value ${index} is neither active nor not.`);
    if (active === 'False') continue;
    if (golden.has(index)) throw refuse('PARSE', `Reference value ${index} is there twice.`);
    golden.set(index, valuesOf(resource, index));
  }
  return { product: attribute(meta, 'product'), version: attribute(meta, 'colloquialVersion'), golden };
}

function valuesOf(resource: XmlElement, index: number): readonly Uint8Array[] {
  const count = whole(attribute(resource, 'alternatives'), MAX_RIM_ALTERNATIVES, `number of values of measurement ${index}`);
  if (count === 0 || attribute(resource, 'size') !== String(DIGEST_BYTES))
    throw refuse('PARSE', `Reference value ${index} is no list of SHA-384 digests.`);
  return Array.from({ length: count }, (_, i) => {
    const text = attribute(resource, `Hash${i}`, SHA384_NAMESPACE);
    try {
      return fromHex(text, DIGEST_BYTES);
    } catch (cause) {
      throw refuse('PARSE', `Reference value ${index} has a digest that is not one.`, cause);
    }
  });
}

function ofName(parent: XmlElement, local: string): readonly XmlElement[] {
  return parent.children
    .filter((child) => typeof child !== 'string')
    .filter((child) => child.local === local && child.namespace === SWID);
}

function one(parent: XmlElement, local: string): XmlElement {
  const [first, ...more] = ofName(parent, local);
  if (first === undefined || more.length > 0) throw refuse('PARSE', `The reference values have not one ${local}.`);
  return first;
}

function attribute(element: XmlElement, local: string, namespace = ''): string {
  const found = element.attributes.find((one) => one.local === local && one.namespace === namespace);
  if (found === undefined) throw refuse('PARSE', `${element.local} of the reference values has no ${local}.`);
  return found.value;
}

function whole(text: string, most: number, what: string): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw refuse('PARSE', `"${text.slice(0, 20)}" is no ${what} up to ${most}.`);
  return value;
}
