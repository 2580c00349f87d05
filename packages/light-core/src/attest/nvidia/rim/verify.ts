import { verifyChain } from '../../chain.ts';
import type { Context } from '../../context.ts';
import { rootsFor } from '../../pinned.ts';
import { RIM_ROOTS } from '../roots.ts';
import { type Rim, readRim } from './rim.ts';
import { checkXmlSignature, readXmlSignature } from './signature.ts';
import { readXml } from './xml.ts';

/**
 * Reference values that NVIDIA signed, verified up to its root.
 *
 * @param bytes signed XML
 * @throws refusals of reading, of the chain and of the signature
 */
export async function verifyRim(
  bytes: Uint8Array,
  { crypto: primitives, time, roots }: Pick<Context<unknown>, 'crypto' | 'time' | 'roots'>,
): Promise<Rim> {
  const xml = readXml(bytes);
  const signature = readXmlSignature(xml);
  const { certificates } = signature;
  const accepted = await rootsFor(roots, 'nvidia', RIM_ROOTS, certificates.at(-1), primitives);
  const [leaf] = await verifyChain(certificates, { crypto: primitives, time, roots: accepted, what: 'reference value' });
  await checkXmlSignature(signature, leaf, primitives);
  return readRim(xml);
}
