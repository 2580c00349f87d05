/** What a report says, held against its endorsement and a policy. Each function gives a sentence about what it found, or throws what is wrong. */
import { toHex } from '@perigee/wire';
import { refuse, unchecked } from '../code.ts';
import { CHIP_ID_BYTES, type Endorsement } from './endorsement.ts';
import { SNP_POLICY_BITS } from './layout.ts';
import type { SnpPolicy } from './policy.ts';
import type { FirmwareVersion, SnpReport } from './report.ts';
import { reaches, readTcb, type SnpTcb, sameTcb, tcbWords } from './tcb.ts';

export interface SnpTcbs {
  readonly reported: SnpTcb;
  readonly committed: SnpTcb;
  readonly current: SnpTcb;
  readonly launch: SnpTcb;
}

export function tcbsOf(report: SnpReport, { product }: Endorsement): SnpTcbs {
  return {
    reported: readTcb(report.reportedTcb, product),
    committed: readTcb(report.committedTcb, product),
    current: readTcb(report.currentTcb, product),
    launch: readTcb(report.launchTcb, product),
  };
}

export function judgeProduct(report: SnpReport, { product, cloud }: Endorsement, policy: SnpPolicy): string {
  if (report.cpu !== undefined && report.cpu.product !== product) {
    throw refuse('PLATFORM', `The report is of a ${report.cpu.product} and its endorsement of a ${product}.`);
  }
  if (policy.products !== undefined && !policy.products.includes(product))
    throw refuse('POLICY', `The policy does not accept a ${product}.`);
  if (cloud !== undefined && policy.clouds !== undefined && !policy.clouds.includes(cloud)) {
    throw refuse('POLICY', `The policy does not accept the keys of "${cloud.slice(0, 80)}".`);
  }
  return `The processor is a ${product}${cloud === undefined ? '' : ` of ${cloud.slice(0, 80)}`}.`;
}

/** A key that the chip made for other levels than it reports is another chip's state. */
export function judgeTcb({ tcb }: Endorsement, { reported }: SnpTcbs): string {
  if (!sameTcb(tcb, reported))
    throw refuse('BINDING', `The key is for ${tcbWords(tcb)}, and the report says ${tcbWords(reported)}.`);
  return `The key was made for what the report says: ${tcbWords(tcb)}.`;
}

export function judgeChip(report: SnpReport, { chipId, cloud }: Endorsement, policy: SnpPolicy): string {
  if (chipId === undefined) return `The key belongs to ${cloud?.slice(0, 80)}, and names no chip.`;
  const isHidden = report.maskChipKey || report.chipId.every((byte) => byte === 0);
  if (isHidden) {
    if (policy.allowMaskedChip !== true) throw refuse('BINDING', 'The host hides which chip made the report.');
    if (report.chipId.some((byte) => byte !== 0))
      throw refuse('BINDING', 'The report says that it hides its chip, and does not.');
    return `The host hides its chip; the key is that of chip ${toHex(chipId.subarray(0, 8))}.`;
  }
  const due = new Uint8Array(CHIP_ID_BYTES);
  due.set(chipId);
  if (report.chipId.some((byte, i) => byte !== due[i]))
    throw refuse('BINDING', 'The key is that of another chip than the report names.');
  return `The key is that of chip ${toHex(chipId.subarray(0, 8))}, which the report names.`;
}

/** Reported levels are what the host chose to show, at most what is committed; committed ones cannot be rolled back, and what runs is no older. */
export function judgeOrder(report: SnpReport, { reported, committed, current }: SnpTcbs, policy: SnpPolicy): string {
  if (!reaches(committed, reported))
    throw refuse('TCB_LEVEL', `It reports ${tcbWords(reported)}, above the committed ${tcbWords(committed)}.`);
  if (!reaches(current, committed))
    throw refuse('TCB_LEVEL', `It runs ${tcbWords(current)}, below the committed ${tcbWords(committed)}.`);
  const { currentFirmware, committedFirmware } = report;
  if (compareFirmware(currentFirmware, committedFirmware) < 0) {
    throw refuse(
      'TCB_LEVEL',
      `Firmware ${firmwareWords(currentFirmware)} runs, below the committed ${firmwareWords(committedFirmware)}.`,
    );
  }
  const isCommitted = reaches(committed, current) && compareFirmware(currentFirmware, committedFirmware) === 0;
  if (!isCommitted && policy.allowUncommittedFirmware !== true) {
    throw refuse('TCB_LEVEL', `Firmware ${firmwareWords(currentFirmware)} runs on trial: its host can still roll it back.`);
  }
  return `Firmware ${firmwareWords(currentFirmware)} runs${isCommitted ? ' and cannot be rolled back' : ' on trial'}.`;
}

/** All four must reach the floor: a guest that was launched, or could be shown, below it has been open to what the floor closes. */
export function judgeFloor({ product }: Endorsement, tcbs: SnpTcbs, { minTcb }: SnpPolicy): string {
  if (minTcb === undefined)
    throw unchecked('NOT_ASKED', 'The policy names no least levels, so firmware with known faults would not be noticed.');
  const floor = minTcb[product];
  if (floor === undefined || Object.values(floor).every((least) => least === undefined))
    throw refuse('TCB_LEVEL', `The policy names no least levels for a ${product}.`);
  for (const [name, tcb] of Object.entries(tcbs) as [string, SnpTcb][]) {
    if (!reaches(tcb, floor))
      throw refuse('TCB_LEVEL', `The ${name} levels (${tcbWords(tcb)}) are below the least that are accepted.`);
  }
  return `All levels reach the least that are accepted: ${tcbWords(floor as SnpTcb)}.`;
}

/** What the guest's owner let its host do. */
export function judgeGuestPolicy({ policy: word }: SnpReport, policy: SnpPolicy): string {
  const has = (name: keyof typeof SNP_POLICY_BITS) => ((word >> SNP_POLICY_BITS[name]) & 1n) === 1n;
  if (has('debug') && policy.allowDebug !== true)
    throw refuse('DEBUG', 'The guest may be debugged: its host can read and change its memory.');
  if (has('migrationAgent') && policy.allowMigrationAgent !== true)
    throw refuse('ATTRIBUTES', 'A migration agent may move the guest.');
  if (has('smt') && policy.allowSmt === false) throw refuse('ATTRIBUTES', 'The guest may share a core with others (SMT).');
  const [major, minor] = [Number((word >> 8n) & 0xffn), Number(word & 0xffn)];
  const { minAbi } = policy;
  if (minAbi !== undefined && !(major > minAbi.major || (major === minAbi.major && minor >= minAbi.minor))) {
    throw refuse('ATTRIBUTES', `The guest starts from ABI ${major}.${minor} on, below ${minAbi.major}.${minAbi.minor}.`);
  }
  return `The guest ${has('debug') ? 'may' : 'cannot'} be debugged and ${has('migrationAgent') ? 'may' : 'cannot'} be moved; SMT is ${has('smt') ? 'allowed' : 'off'}.`;
}

export function judgeVmpl({ vmpl }: SnpReport, policy: SnpPolicy): string {
  const due = policy.vmpl ?? 0;
  if (vmpl !== due) throw refuse('ATTRIBUTES', `Privilege level ${vmpl} asked for the report, not ${due}.`);
  return `Privilege level ${vmpl} asked for the report.`;
}

export function judgeGuestSvn({ guestSvn }: SnpReport, least: number): string {
  if (!(guestSvn >= least)) throw refuse('POLICY', `The guest has security version ${guestSvn}, below ${least}.`);
  return `The guest has security version ${guestSvn}.`;
}

function compareFirmware(a: FirmwareVersion, b: FirmwareVersion): number {
  return a.major - b.major || a.minor - b.minor || a.build - b.build;
}

function firmwareWords({ major, minor, build }: FirmwareVersion): string {
  return `${major}.${minor}.${build}`;
}
