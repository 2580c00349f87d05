import { webcrypto } from 'node:crypto';
import { sha256 } from '@noble/hashes/sha2.js';
import { type AttestSubtle, webCryptoAttest } from '@perigee/light-core/attest';
import { type EventPolicy, type EventResult, verifyEvents } from '@perigee/light-core/attest/events';
import { nobleAttest } from '@perigee/light-core/attest/noble';
import { toHex, utf8 } from '@perigee/wire';
import { expect, it } from 'vitest';
import { type DstackEvent, replayedRegisters, runtimeEvent } from '../../../src/evidence/simulated/event-log/dstack-log.ts';
import type { BadCase } from './case.ts';
import { simulation } from './simulation.ts';

const MODEL = new Uint8Array(32).fill(0x6d);
const image = (name: string) => `${name}@sha256:${'ab'.repeat(32)}`;
const composeOf = (yaml: string, more: object = {}) =>
  JSON.stringify({ manifest_version: 2, name: 'x', runner: 'docker-compose', docker_compose_file: yaml, ...more });
const YAML = `services:\n  model:\n    image: ${image('vllm/vllm-openai')}\n`;

/** What is wanted of a guest's log; what is left out is valid. */
interface EventRecipe {
  readonly compose?: string;
  /** Events before they are replayed: the registers hold what they lead to. */
  readonly measured?: (events: DstackEvent[]) => DstackEvent[];
  /** The log that is shown. */
  readonly shown?: (events: DstackEvent[]) => unknown;
  readonly shownCompose?: string | null;
  readonly policy?: EventPolicy;
}

const exchange = (a: number, b: number) => (events: DstackEvent[]) =>
  events.map((event, i) => (i === a ? events[b]! : i === b ? events[a]! : event));
const at = (events: DstackEvent[], name: string) => events.findIndex(({ event }) => event === name);
const renamed = (change: Partial<DstackEvent>, name: string) => (events: DstackEvent[]) =>
  events.map((event) => (event.event === name ? { ...event, ...change } : event));
const yaml = (text: string, policy: EventPolicy = {}): EventRecipe => ({ compose: composeOf(text), policy });

const CASES: readonly BadCase<EventRecipe>[] = [
  { name: 'two events of RTMR3 are exchanged', bad: { shown: exchange(8, 9) }, check: 'rtmr3', code: 'EVENT_LOG' },
  { name: 'two events of RTMR0 are exchanged', bad: { shown: exchange(0, 1) }, check: 'rtmr0', code: 'EVENT_LOG' },
  {
    name: 'an event of RTMR1 is left out',
    bad: { shown: (events) => events.filter((_, i) => i !== 3) },
    check: 'rtmr1',
    code: 'EVENT_LOG',
  },
  {
    name: 'an event of RTMR2 is said to be of RTMR1',
    bad: { shown: (events) => events.map((event, i) => (i === 5 ? { ...event, imr: 1 } : event)) },
    check: 'rtmr2',
    code: 'EVENT_LOG',
  },
  { name: 'the last event is left out', bad: { shown: (events) => events.slice(0, -1) }, check: 'rtmr3', code: 'EVENT_LOG' },
  { name: 'an event is there twice', bad: { shown: (events) => [...events, events.at(-1)!] }, check: 'rtmr3', code: 'EVENT_LOG' },
  {
    name: 'a payload was changed and its digest was not',
    bad: { shown: renamed({ event_payload: '00'.repeat(20) }, 'app-id') },
    check: 'digests',
    code: 'EVENT_LOG',
  },
  {
    name: 'a name was changed and its digest was not',
    bad: { shown: renamed({ event: 'other-id' }, 'app-id') },
    check: 'digests',
    code: 'EVENT_LOG',
  },
  {
    name: 'a name that can be read in two ways',
    bad: { measured: (events) => [...events.slice(0, -1), runtimeEvent('a:b', MODEL), events.at(-1)!] },
    check: 'digests',
    code: 'EVENT_LOG',
  },
  {
    name: 'an event of another type in RTMR3',
    bad: { measured: (events) => [...events, { ...events[0]!, imr: 3 }] },
    check: 'digests',
    code: 'EVENT_LOG',
  },
  {
    name: 'another application than was measured',
    bad: { shownCompose: composeOf(YAML.replace('ab', 'ac')) },
    check: 'composeHash',
    code: 'MEASUREMENT',
  },
  {
    name: 'an application with a space more',
    bad: { shownCompose: `${composeOf(YAML)} ` },
    check: 'composeHash',
    code: 'MEASUREMENT',
  },
  {
    name: 'the application is missing',
    bad: { shownCompose: null },
    check: 'composeHash',
    code: 'COLLATERAL_MISSING',
    verdict: 'notChecked',
  },
  {
    name: 'two applications were measured',
    bad: { measured: (events) => [...events.slice(0, -2), runtimeEvent('compose-hash', MODEL), ...events.slice(-2)] },
    check: 'composeHash',
    code: 'EVENT_LOG',
  },
  {
    name: 'an application that the policy does not take',
    twin: { policy: { composeHashes: [toHex(sha256(utf8(composeOf(YAML))))] } },
    bad: { policy: { composeHashes: ['00'.repeat(32)] } },
    check: 'composeHash',
    code: 'MEASUREMENT',
  },
  {
    name: 'an event after the system was ready',
    twin: { measured: (events) => [...events, runtimeEvent('note', MODEL)], policy: { allowedAfterReady: ['note'] } },
    bad: { policy: {} },
    check: 'order',
    code: 'EVENT_LOG',
  },
  {
    name: 'a model measured before the system was ready',
    bad: {
      measured: (events) => {
        const i = at(events, 'system-ready');
        return [...events.slice(0, i), runtimeEvent('model-root', MODEL), ...events.slice(i)];
      },
    },
    check: 'order',
    code: 'EVENT_LOG',
  },
  {
    name: 'the system was never ready',
    bad: { measured: (events) => events.filter(({ event }) => event !== 'system-ready') },
    check: 'order',
    code: 'EVENT_LOG',
  },
  {
    name: 'another model',
    twin: { measured: (events) => [...events, runtimeEvent('model-root', MODEL)], policy: { modelRoot: toHex(MODEL) } },
    bad: { policy: { modelRoot: '00'.repeat(32) } },
    check: 'modelRoot',
    code: 'MEASUREMENT',
  },
  {
    name: 'two models',
    twin: { measured: (events) => [...events, runtimeEvent('model-root', MODEL)], policy: { modelRoot: toHex(MODEL) } },
    bad: { measured: (events) => [...events, runtimeEvent('model-root', MODEL), runtimeEvent('model-root', MODEL)] },
    check: 'modelRoot',
    code: 'EVENT_LOG',
  },
  {
    name: 'another image of the operating system',
    twin: { policy: { events: { 'app-id': [appId()] } } },
    bad: { policy: { events: { 'app-id': ['00'.repeat(20)] } } },
    check: 'events',
    code: 'MEASUREMENT',
  },
  {
    name: 'an image that is not pinned',
    bad: yaml('services:\n  model:\n    image: vllm/vllm-openai:v0.10.2\n'),
    check: 'images',
    code: 'POLICY',
  },
  {
    name: 'files of the host where the model lies',
    twin: yaml(`${YAML}    volumes:\n      - /data:/data\n`, { guardedPaths: ['/models'] }),
    bad: yaml(`${YAML}    volumes:\n      - /data:/models\n`, { guardedPaths: ['/models'] }),
    check: 'hostMounts',
    code: 'POLICY',
  },
  {
    name: 'variables that the operator may set',
    twin: { compose: composeOf(YAML, { allowed_envs: ['TOKEN'] }), policy: { allowedEnvs: ['TOKEN'] } },
    bad: { policy: {} },
    check: 'allowedEnvs',
    code: 'POLICY',
  },
  {
    name: 'a script that runs before',
    twin: { compose: composeOf(YAML, { pre_launch_script: 'true' }), policy: { scripts: [toHex(sha256(utf8('true')))] } },
    bad: { policy: {} },
    check: 'scripts',
    code: 'POLICY',
  },
  { name: 'no list', bad: { shown: () => ({}) }, check: 'eventLog', code: 'EVENT_LOG' },
  {
    name: 'events without end',
    bad: { shown: (events) => Array.from({ length: 2_000 }, () => events[0]) },
    check: 'eventLog',
    code: 'TOO_LARGE',
  },
  {
    name: 'a register that there is not',
    bad: { shown: (events) => events.map((event) => ({ ...event, imr: 4 })) },
    check: 'eventLog',
    code: 'EVENT_LOG',
  },
  {
    name: 'a digest of 32 bytes',
    bad: { shown: (events) => events.map((event) => ({ ...event, digest: '00'.repeat(32) })) },
    check: 'eventLog',
    code: 'EVENT_LOG',
  },
];

function appId(): string {
  return simulation.eventLog(MODEL).find(({ event }) => event === 'app-id')?.event_payload ?? '';
}

const web = webCryptoAttest(webcrypto.subtle as unknown as AttestSubtle);

/** By both verifiers, which must agree. */
async function judged({
  compose = composeOf(YAML),
  measured,
  shown,
  shownCompose,
  policy = {},
}: EventRecipe): Promise<EventResult> {
  const events = simulation.eventLog(sha256(utf8(compose)));
  const all = measured === undefined ? events : measured(events);
  const evidence = {
    log: utf8(JSON.stringify(shown === undefined ? all : shown(all))),
    registers: replayedRegisters(all),
    ...(shownCompose === null ? {} : { appCompose: utf8(shownCompose ?? compose) }),
  };
  const [byWeb, byNoble] = [await verifyEvents(evidence, policy, web), await verifyEvents(evidence, policy, nobleAttest)];
  expect(byNoble).toEqual(byWeb);
  return byWeb;
}

it.each(CASES.map((one) => [one.name, one] as const))(
  'event log: %s',
  async (_, { twin, bad, check, code, verdict = 'fail' }) => {
    const valid = await judged(twin ?? {});
    expect(valid.checks.filter(({ required, verdict }) => required && verdict !== 'pass')).toEqual([]);
    const report = await judged({ ...twin, ...bad });
    expect(report.checks.find(({ name }) => name === check)).toMatchObject({ verdict, code });
  },
);
