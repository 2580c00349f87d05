import { type EventPolicy, verifyEvents } from '@perigee/light-core/attest/events';
import { nobleAttest } from '@perigee/light-core/attest/noble';
import { MAX_YAML_LINES, MAX_YAML_VALUES, toHex, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { readYaml, type YamlMap } from '../../src/attest/events/yaml.ts';
import { faults, webCrypto } from './both.ts';
import { EVENT_CASES, type GivenEvents } from './event-cases.ts';
import { sha } from './mint/certificate.ts';
import { appOf, COMPOSITION, eventsOf, MODEL_ROOT, registersOf } from './mint/events.ts';

const POLICY: EventPolicy = {
  allowedEnvs: ['TOKEN'],
  scripts: [toHex(sha('sha256', utf8('echo ready')))],
  guardedPaths: ['/models'],
  modelRoot: toHex(MODEL_ROOT),
  events: { 'os-image-hash': [toHex(new Uint8Array(32).fill(2))] },
};

async function verify({ app, edit, after, measured, shown, evidence, policy }: GivenEvents = {}) {
  const appCompose = appOf({ ...(edit === undefined ? {} : { docker_compose_file: edit(COMPOSITION) }), ...app });
  const minted = eventsOf(appCompose, after);
  const events = measured?.(minted) ?? minted;
  const given = { log: utf8(JSON.stringify(shown?.(events) ?? events)), appCompose, registers: registersOf(events), ...evidence };
  const wanted = { ...POLICY, ...policy };
  const result = await verifyEvents(given, wanted, webCrypto);
  expect(await verifyEvents(given, wanted, nobleAttest)).toEqual(result);
  return result;
}

describe('events of a guest', () => {
  it('pass, and say what was measured', async () => {
    const { checks, events } = await verify();
    expect(faults(checks)).toEqual([]);
    expect(events?.map(({ name }) => name)).toEqual([
      'system-preparing',
      'app-id',
      'compose-hash',
      'os-image-hash',
      'system-ready',
      'model-root',
    ]);
    expect(checks.map(({ level }) => level)).toEqual([...Array(13).fill('code'), 'model']);
  });

  it('leave open what nobody asked for', async () => {
    const app = appOf({ allowed_envs: [], pre_launch_script: '' });
    const events = eventsOf(app);
    const given = { log: utf8(JSON.stringify(events)), appCompose: app, registers: registersOf(events) };
    expect(faults((await verifyEvents(given, {}, webCrypto)).checks)).toEqual(['modelRoot notChecked NOT_ASKED']);
    const { appCompose: _, ...without } = given;
    expect(faults((await verifyEvents(without, {}, webCrypto)).checks)).toEqual([
      'composeHash notChecked COLLATERAL_MISSING',
      'images notChecked DEPENDS',
      'hostMounts notChecked DEPENDS',
      'allowedEnvs notChecked DEPENDS',
      'scripts notChecked DEPENDS',
      'modelRoot notChecked NOT_ASKED',
    ]);
  });

  it('are not told where a register holds something else', async () => {
    const { events } = await verify({ shown: (all) => all.slice(1) });
    expect(events).toBeUndefined();
  });
});

it('read as many values as there may be, in brackets or not, and no more', () => {
  // the mapping is one
  const most = MAX_YAML_VALUES - 1;
  const list = (count: number) => `command: [${'a,'.repeat(count - 1)}a]`;
  expect(readYaml(list(most))).toEqual(new Map([['command', Array(most).fill('a')]]));
  // each line is three lists in the one of all
  const lines = (count: number) => `command:\n${'- - - - a\n'.repeat(count)}`;
  expect((readYaml(lines(1_300)) as YamlMap).get('command')).toHaveLength(1_300);
  for (const text of [list(most + 1), lines(1_400), '\n'.repeat(MAX_YAML_LINES)]) {
    expect(() => readYaml(text)).toThrow(expect.objectContaining({ data: { check: 'TOO_LARGE', verdict: 'fail' } }));
  }
});

describe('a fault of events or application is found, and its twin without it passes', () => {
  it.each(EVENT_CASES)('$name', async ({ given, due, twin }) => {
    expect(faults((await verify(given)).checks)).toContain(due);
    expect(faults((await verify(twin)).checks)).toEqual([]);
  });
});
