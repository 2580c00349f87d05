import { refuse } from '../code.ts';
import type { SnpProduct } from './product.ts';

/** Security patch levels of what a guest has to trust (56860, TCB_VERSION). */
export interface SnpTcb {
  /** Of the firmware that starts the processor; Turin alone. */
  readonly fmc?: number;
  readonly bootloader: number;
  /** Of the secure processor's operating system. */
  readonly tee: number;
  readonly snp: number;
  readonly microcode: number;
}

/** Byte of each level. What is not named is reserved, and zero. */
const LAYOUT = { bootloader: 0, tee: 1, snp: 6, microcode: 7 } as const;
const TURIN_LAYOUT = { fmc: 0, bootloader: 1, tee: 2, snp: 3, microcode: 7 } as const;

function tcbLayout(product: SnpProduct): { readonly [level in keyof SnpTcb]?: number } {
  return product === 'Turin' ? TURIN_LAYOUT : LAYOUT;
}

/**
 * @param bytes 8, as they lie in a report
 * @throws refusal RESERVED when a reserved byte is not zero
 */
export function readTcb(bytes: Uint8Array, product: SnpProduct): SnpTcb {
  const layout = tcbLayout(product);
  const used = new Set(Object.values(layout));
  const reserved = bytes.findIndex((byte, i) => !used.has(i) && byte !== 0);
  if (bytes.length !== 8 || reserved >= 0) {
    throw refuse('RESERVED', `A TCB version of ${product} has a reserved byte that is not zero.`);
  }
  const level = (at: number) => bytes[at] as number;
  return {
    ...(product === 'Turin' ? { fmc: level(TURIN_LAYOUT.fmc) } : {}),
    bootloader: level(layout.bootloader as number),
    tee: level(layout.tee as number),
    snp: level(layout.snp as number),
    microcode: level(layout.microcode as number),
  };
}

/** Whether each level that `floor` names is reached. One that this processor has not got is not reached. */
export function reaches(tcb: SnpTcb, floor: Partial<SnpTcb>): boolean {
  return (Object.keys(floor) as (keyof SnpTcb)[]).every((level) => {
    const least = floor[level];
    return least === undefined || (tcb[level] ?? -1) >= least;
  });
}

export function sameTcb(a: SnpTcb, b: SnpTcb): boolean {
  return reaches(a, b) && reaches(b, a);
}

/** For people: `bootloader 3, tee 0, snp 8, microcode 115`. */
export function tcbWords(tcb: SnpTcb): string {
  return (Object.entries(tcb) as [string, number][]).map(([level, value]) => `${level} ${value}`).join(', ');
}
