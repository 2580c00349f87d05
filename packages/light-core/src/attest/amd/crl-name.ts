import type { SnpProduct } from './product.ts';

/**
 * Under which the number of a list is kept. AMD hands out one list for issuers of VCEKs and one for those of VLEKs, both by the same root and each with
 * numbers of its own: held against each other, the list with the lower numbers would be refused for ever.
 */
export function crlName(product: SnpProduct, key: 'vcek' | 'vlek'): string {
  return `amd/${product}/${key}/crl`;
}
