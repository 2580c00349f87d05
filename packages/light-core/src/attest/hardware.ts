import type { Platform } from './report.ts';

/** Whether this code has ever verified a report that real hardware made. */
export type HardwareStatus = 'tested' | 'untested on hardware';

export interface HardwareSupport {
  readonly platform: Platform;
  /** Line of processors, model or service, with the form of its evidence. */
  readonly variant: string;
  readonly status: HardwareStatus;
}

/**
 * What real hardware has shown, for page, command line and documentation. `tested`: a test has this code verify, up to the vendor's root, what such
 * hardware signed and somebody published. What is not named is untested.
 */
export const HARDWARE_SUPPORT: readonly HardwareSupport[] = [
  { platform: 'intel-tdx', variant: 'TDX', status: 'tested' },
  { platform: 'intel-sgx', variant: 'SGX', status: 'untested on hardware' },
  { platform: 'amd-sev-snp', variant: 'Milan', status: 'tested' },
  { platform: 'amd-sev-snp', variant: 'Genoa', status: 'untested on hardware' },
  { platform: 'amd-sev-snp', variant: 'Turin', status: 'untested on hardware' },
  { platform: 'amd-sev-snp', variant: 'VLEK', status: 'untested on hardware' },
  { platform: 'nvidia-gpu', variant: 'H100', status: 'tested' },
  { platform: 'aws-nitro', variant: 'Enclaves', status: 'tested' },
];

export function hardwareStatus(platform: Platform, variant: string): HardwareStatus {
  return HARDWARE_SUPPORT.find((one) => one.platform === platform && one.variant === variant)?.status ?? 'untested on hardware';
}
