import { MAX_SETTINGS_CHARACTERS, MIN_SHARED_BYTES_PER_SECOND, PerigeeError } from '@perigee/wire';
import { DEFAULT_SETTINGS, type NodeChoice, type Settings, type Theme, type Thrift } from './defaults.ts';

const VERSION = 1;
const MIB = 1024 * 1024;

const THRIFTS: readonly Thrift[] = ['all', 'headers', 'nothing'];
const NODE_CHOICES: readonly NodeChoice[] = ['offer', 'own', 'extension'];
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** Bounds of numbers: below them nothing works, above them no device is. */
const BOUNDS = {
  cpuShare: [0.01, 1],
  bytesPerSecond: [1024, 1024 * MIB],
  bytesPerDay: [MIB, 1024 * 1024 * MIB],
  storageBytes: [4 * MIB, 4096 * MIB],
  sharedBytesPerSecond: [MIN_SHARED_BYTES_PER_SECOND, 1024 * MIB],
  sharedBytesPerDay: [MIB, 1024 * 1024 * MIB],
} as const;

export function encodeSettings(settings: Settings): string {
  return JSON.stringify({ version: VERSION, ...settings });
}

/**
 * Reads what was kept. A cap that is not there is none; other fields that are not there have their defaults.
 *
 * @throws PARSE that names what is wrong; UNKNOWN_VERSION for what a later build wrote
 */
export function decodeSettings(text: string): Settings {
  if (text.length > MAX_SETTINGS_CHARACTERS) throw wrong(`they have ${text.length} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrong('they are not JSON', cause);
  }
  const kept = new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}));
  const version = kept.get('version');
  if (typeof version === 'number' && version > VERSION) {
    throw new PerigeeError('UNKNOWN_VERSION', `the settings have version ${version}, and this build knows ${VERSION}`);
  }
  if (version !== VERSION) throw wrong('they have no version');
  const number = (name: keyof typeof BOUNDS): number => {
    const given = kept.get(name);
    const [least, most] = BOUNDS[name];
    if (typeof given !== 'number' || !(given >= least && given <= most)) throw wrong(`${name} is not from ${least} to ${most}`);
    return given;
  };
  // a cap that is none is left out when it is written
  const cap = (name: keyof typeof BOUNDS): number | undefined => (kept.has(name) ? number(name) : undefined);
  // what an earlier build did not know
  const amount = (name: 'storageBytes' | 'sharedBytesPerSecond' | 'sharedBytesPerDay'): number =>
    kept.has(name) ? number(name) : DEFAULT_SETTINGS[name];
  const isOn = (name: 'notify' | 'shares' | 'startsByItself'): boolean => {
    const given = kept.has(name) ? kept.get(name) : DEFAULT_SETTINGS[name];
    if (typeof given !== 'boolean') throw wrong(`${name} is not true or false`);
    return given;
  };
  const one = <T extends string>(name: keyof Settings, all: readonly T[], otherwise: T): T => {
    if (!kept.has(name)) return otherwise;
    const found = all.find((each) => each === kept.get(name));
    if (found === undefined) throw wrong(`${name} is none of ${all.join(', ')}`);
    return found;
  };
  return {
    cpuShare: cap('cpuShare'),
    bytesPerSecond: cap('bytesPerSecond'),
    bytesPerDay: cap('bytesPerDay'),
    storageBytes: amount('storageBytes'),
    onBattery: one('onBattery', THRIFTS, DEFAULT_SETTINGS.onBattery),
    onMetered: one('onMetered', THRIFTS, DEFAULT_SETTINGS.onMetered),
    onHidden: one('onHidden', THRIFTS, DEFAULT_SETTINGS.onHidden),
    shares: isOn('shares'),
    sharedBytesPerSecond: amount('sharedBytesPerSecond'),
    sharedBytesPerDay: amount('sharedBytesPerDay'),
    startsByItself: isOn('startsByItself'),
    lightNode: one('lightNode', NODE_CHOICES, DEFAULT_SETTINGS.lightNode),
    theme: one('theme', THEMES, DEFAULT_SETTINGS.theme),
    notify: isOn('notify'),
  };
}

function wrong(why: string, cause?: unknown): PerigeeError {
  return new PerigeeError('PARSE', `the settings that were kept here cannot be used: ${why}`, { cause });
}
