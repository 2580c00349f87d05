import { DEFAULT_SHARED_BYTES_PER_DAY, DEFAULT_SHARED_BYTES_PER_SECOND } from '@perigee/wire';

const MIB = 1024 * 1024;

/** What goes on while the device is short of something: all, headers without samples that nobody asked for, or nothing. */
export type Thrift = 'all' | 'headers' | 'nothing';

/** Whose light node the page shows: its own, or the extension's while that is there; `offer`: nobody has decided. */
export type NodeChoice = 'offer' | 'own' | 'extension';

export type Theme = 'system' | 'light' | 'dark';

/** What a person decided about this page on this device. A cap that is `undefined` is none. */
export interface Settings {
  /** Share of one core over a minute, 0 to 1. */
  readonly cpuShare: number | undefined;
  readonly bytesPerSecond: number | undefined;
  readonly bytesPerDay: number | undefined;
  /** What may be kept on this device of what was verified, bytes. */
  readonly storageBytes: number;
  readonly onBattery: Thrift;
  readonly onMetered: Thrift;
  /** Of a tab that nobody sees. */
  readonly onHidden: Thrift;
  /** Gives verified rows to other pages, and takes theirs. */
  readonly shares: boolean;
  readonly sharedBytesPerSecond: number;
  readonly sharedBytesPerDay: number;
  /** At a visit; else it waits until a person resumes it or asks for something. */
  readonly startsByItself: boolean;
  readonly lightNode: NodeChoice;
  readonly theme: Theme;
  /** Tells of withheld data and of conflicting headers, where the browser lets it. */
  readonly notify: boolean;
}

export const DEFAULT_SETTINGS: Settings = {
  cpuShare: 0.5,
  bytesPerSecond: 4 * MIB,
  bytesPerDay: 1024 * MIB,
  storageBytes: 48 * MIB,
  onBattery: 'all',
  onMetered: 'all',
  onHidden: 'all',
  shares: true,
  sharedBytesPerSecond: DEFAULT_SHARED_BYTES_PER_SECOND,
  sharedBytesPerDay: DEFAULT_SHARED_BYTES_PER_DAY,
  startsByItself: true,
  lightNode: 'offer',
  theme: 'system',
  notify: false,
};
