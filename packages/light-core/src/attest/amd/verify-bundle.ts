import type { BundleOf } from '../bundle/index.ts';
import type { Context } from '../context.ts';
import { verifyCrl } from '../crl.ts';
import { readRoot, verifyIssuer } from '../issuer.ts';
import { type Found, inPart } from '../part.ts';
import { rootsFor } from '../pinned.ts';
import { RSA } from '../rsa.ts';
import { SNP_ROOTS } from './roots.ts';

/** The root's own list, and an issuer of endorsement keys that it does not revoke. @throws ATTESTATION */
export async function verifyAmdBundle(
  { subject, parts }: BundleOf<'amd'>,
  { crypto: primitives, time, roots }: Context<unknown>,
): Promise<Found> {
  const { product } = subject;
  const pinned = await rootsFor(roots, 'amd', [SNP_ROOTS[product]], parts.ark, primitives);
  const root = await inPart('ark', () => readRoot(pinned, parts.ark, time, RSA));
  const rootCrl = await inPart('crl', () =>
    verifyCrl(parts.crl, root, primitives, time, `the revocation list of ARK-${product}`, RSA),
  );
  await inPart('ask', () => verifyIssuer(parts.ask, { primitives, time, root, rootCrl, rsa: RSA }));
  return { seen: { [`amd/${product}/crl`]: rootCrl.number }, issued: rootCrl.thisUpdate, until: rootCrl.nextUpdate };
}
