import type { BundleOf } from '../bundle/index.ts';
import { refuse } from '../code.ts';
import type { Context } from '../context.ts';
import { verifyCrl } from '../crl.ts';
import { readRoot, verifyIssuer } from '../issuer.ts';
import { commonNameOf } from '../name.ts';
import { type Found, inPart } from '../part.ts';
import { rootsFor } from '../pinned.ts';
import { RSA } from '../rsa.ts';
import { crlName } from './crl-name.ts';
import { SNP_ROOTS } from './roots.ts';

/** Of ASK and ASVK, before the product (AMD 57230, "ASK and ASVK"): the root signs both, and one in the place of the other verifies no report. */
const ISSUER_NAMES = { vcek: 'SEV-', vlek: 'SEV-VLEK-' } as const;

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
  await inPart('ask', async () => {
    const name = commonNameOf((await verifyIssuer(parts.ask, { primitives, time, root, rootCrl, rsa: RSA })).subject);
    const due = `${ISSUER_NAMES[subject.key]}${product}`;
    if (name !== due) throw refuse('CHAIN_NAME', `the issuer is named "${name.slice(0, 80)}", not "${due}"`);
  });
  const { number, thisUpdate, nextUpdate } = rootCrl;
  const seen = { [crlName(product, subject.key)]: number };
  return { seen, rank: [number, thisUpdate], issued: thisUpdate, until: nextUpdate };
}
