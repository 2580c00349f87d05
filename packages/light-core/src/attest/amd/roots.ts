import type { Pin } from '../pinned.ts';
import type { SnpProduct } from './product.ts';

/** AMD's root key of each line: the second certificate of `https://kdsintf.amd.com/vcek/v1/LINE/cert_chain`. Valid to 2045, 2047 and 2048. */
export const SNP_ROOTS: Readonly<Record<SnpProduct, Pin>> = {
  Milan: { name: 'ARK-Milan', sha256: '69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd' },
  Genoa: { name: 'ARK-Genoa', sha256: '4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1' },
  Turin: { name: 'ARK-Turin', sha256: '1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a' },
};
