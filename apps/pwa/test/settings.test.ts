import { PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { alertsOf } from '../src/settings/alerts.ts';
import { DEFAULT_SETTINGS, type Settings } from '../src/settings/defaults.ts';
import { decodeSettings, encodeSettings } from '../src/settings/settings.ts';
import { heldBy } from '../src/settings/thrift.ts';
import { SNAPSHOTS } from './snapshots.ts';

function refusal(text: string): PerigeeError {
  try {
    decodeSettings(text);
  } catch (thrown) {
    return PerigeeError.from(thrown);
  }
  throw new Error('not refused');
}

const kept = (changes: object): string => JSON.stringify({ ...JSON.parse(encodeSettings(DEFAULT_SETTINGS)), ...changes });

describe('settings', () => {
  it('are the same after they were kept, with caps and without', () => {
    const changed: Settings = {
      cpuShare: undefined,
      bytesPerSecond: 65_536,
      bytesPerDay: undefined,
      storageBytes: 16 << 20,
      onBattery: 'headers',
      onMetered: 'nothing',
      onHidden: 'nothing',
      shares: false,
      sharedBytesPerSecond: 65_536,
      sharedBytesPerDay: 1 << 30,
      startsByItself: false,
      lightNode: 'extension',
      theme: 'dark',
      notify: true,
    };
    for (const settings of [DEFAULT_SETTINGS, changed]) expect(decodeSettings(encodeSettings(settings))).toEqual(settings);
  });

  it('have the form of version 1', () => {
    expect(encodeSettings(DEFAULT_SETTINGS)).toBe(
      '{"version":1,"cpuShare":0.5,"bytesPerSecond":4194304,"bytesPerDay":1073741824,"storageBytes":50331648,"onBattery":"all","onMetered":"all","onHidden":"all","shares":true,"sharedBytesPerSecond":262144,"sharedBytesPerDay":536870912,"startsByItself":true,"lightNode":"offer","theme":"system","notify":false}',
    );
  });

  it('that an earlier build kept have the defaults for what it did not know', () => {
    const earlier =
      '{"version":1,"cpuShare":0.25,"bytesPerSecond":65536,"storageBytes":8388608,"onBattery":"headers","onMetered":"nothing","onHidden":"all","theme":"dark","notify":true}';
    expect(decodeSettings(earlier)).toEqual({
      ...DEFAULT_SETTINGS,
      cpuShare: 0.25,
      bytesPerSecond: 65_536,
      bytesPerDay: undefined,
      storageBytes: 8_388_608,
      onBattery: 'headers',
      onMetered: 'nothing',
      theme: 'dark',
      notify: true,
    });
  });

  it.each([
    ['', 'not JSON'],
    ['null', 'no version'],
    ['[]', 'no version'],
    ['{"version":0}', 'no version'],
    ['{"__proto__":{"version":1}}', 'no version'],
    [kept({ cpuShare: 0 }), 'cpuShare is not from 0.01 to 1'],
    [kept({ cpuShare: '0.5' }), 'cpuShare'],
    [kept({ bytesPerSecond: null }), 'bytesPerSecond'],
    [kept({ bytesPerDay: -1 }), 'bytesPerDay'],
    [kept({ storageBytes: 1e300 }), 'storageBytes'],
    [kept({ onBattery: 'sometimes' }), 'onBattery is none of all, headers, nothing'],
    [kept({ theme: 'constructor' }), 'theme'],
    [kept({ notify: 1 }), 'notify'],
    [kept({ notify: null }), 'notify'],
    [kept({ startsByItself: 0 }), 'startsByItself is not true or false'],
    [kept({ shares: 'no' }), 'shares is not true or false'],
    [kept({ sharedBytesPerSecond: 1 }), 'sharedBytesPerSecond is not from 8192'],
    [kept({ sharedBytesPerDay: null }), 'sharedBytesPerDay'],
    [`"${'x'.repeat(5_000)}"`, '5002 characters'],
  ])('that are kept as %j are refused, and what is wrong is said', (text, words) => {
    const { code, message } = refusal(text);
    expect(code).toBe('PARSE');
    expect(message).toContain(words);
  });

  it('of a later build are told from broken ones', () => {
    expect(refusal('{"version":2}').code).toBe('UNKNOWN_VERSION');
  });
});

describe('heldBy', () => {
  const now = { onBattery: true, onMetered: true, onHidden: false };

  it('is the strictest of what was decided for what is so', () => {
    const decide = (changes: Partial<Settings>) => heldBy({ ...DEFAULT_SETTINGS, ...changes }, now);
    expect(decide({})).toBeUndefined();
    expect(decide({ onBattery: 'headers' })).toEqual({ thrift: 'headers', because: 'onBattery' });
    expect(decide({ onBattery: 'headers', onMetered: 'nothing' })).toEqual({ thrift: 'nothing', because: 'onMetered' });
    expect(decide({ onHidden: 'nothing' })).toBeUndefined();
  });

  it('is nothing where the browser does not tell', () => {
    const settings: Settings = { ...DEFAULT_SETTINGS, onBattery: 'nothing', onMetered: 'nothing' };
    expect(heldBy(settings, { onBattery: undefined, onMetered: undefined, onHidden: true })).toBeUndefined();
  });
});

describe('alertsOf', () => {
  it('tells of withheld data and of conflicting headers, and of nothing else', () => {
    const { blobs } = SNAPSHOTS.unavailable;
    const conflict = { id: 1, atMs: 0, kind: 'conflict', about: 'ab'.repeat(32), data: {} } as const;
    const tags = alertsOf(blobs, [conflict, { ...conflict, kind: 'head' }]).map(({ tag }) => tag);
    const withheld = blobs.filter(({ outcome, earlier }) => outcome === 'unavailable' && !earlier);
    expect(withheld.length).toBeGreaterThan(0);
    expect(tags).toEqual([
      ...withheld.map(({ blobId }) => `perigee/unavailable/${blobId}`),
      `perigee/conflict/${conflict.about}`,
    ]);
    expect(alertsOf(SNAPSHOTS.sampled.blobs, SNAPSHOTS.sampled.events)).toEqual([]);
    expect(
      alertsOf(
        blobs.map((blob) => ({ ...blob, earlier: true })),
        [],
      ),
    ).toEqual([]);
  });
});
