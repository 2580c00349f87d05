/** Lines of processors with SEV-SNP. Each has a root key of its own, and Turin another form of its TCB version. */
export const SNP_PRODUCTS = ['Milan', 'Genoa', 'Turin'] as const;

export type SnpProduct = (typeof SNP_PRODUCTS)[number];

/**
 * The line of a processor, whose endorsement keys are named after it (AMD 57230, "Determining the Product Name"). Bergamo and Siena have
 * the keys of Genoa.
 *
 * @param family CPUID's, extended family added
 * @param model CPUID's, extended model in the upper half
 * @returns `undefined` for a processor that we do not know
 */
export function productOfCpu(family: number, model: number): SnpProduct | undefined {
  if (family === 0x19) {
    if (model <= 0x0f) return 'Milan';
    if ((model >= 0x10 && model <= 0x1f) || (model >= 0xa0 && model <= 0xaf)) return 'Genoa';
  }
  if (family === 0x1a && model <= 0x11) return 'Turin';
  return undefined;
}

/**
 * The line in the product name of an endorsement certificate: `Milan-B0`, or `Milan` alone.
 *
 * @returns `undefined` for a name that we do not know
 */
export function productOfName(name: string): SnpProduct | undefined {
  const [line, ...stepping] = name.split('-');
  return stepping.length > 1 ? undefined : SNP_PRODUCTS.find((product) => product === line);
}
