import type { EventCheck, EventEvidence, EventPolicy } from '@perigee/light-core/attest/events';
import { toHex, utf8 } from '@perigee/wire';
import { sha } from './mint/certificate.ts';
import { appOf, eventsOf, type MintedEvent, MODEL_ROOT, registersOf, runtimeEvent } from './mint/events.ts';

/** What is changed of a guest whose events pass. */
export interface GivenEvents {
  readonly app?: { readonly [member: string]: unknown };
  /** The composition, changed. */
  readonly edit?: (text: string) => string;
  readonly after?: readonly MintedEvent[];
  /** The log, changed: measured like this. */
  readonly measured?: (events: readonly MintedEvent[]) => readonly MintedEvent[];
  /** The log that is shown, changed after it was measured. */
  readonly shown?: (events: readonly MintedEvent[]) => unknown;
  readonly evidence?: Partial<EventEvidence>;
  readonly policy?: EventPolicy;
}

/** A fault, and the nearest thing without it, which passes. */
interface EventCase {
  readonly name: string;
  readonly given: GivenEvents;
  readonly due: `${EventCheck} ${'fail' | 'notChecked'} ${string}`;
  readonly twin?: GivenEvents;
}

const shown = (position: number, change: Partial<Record<keyof MintedEvent, unknown>>): GivenEvents => ({
  shown: (events) => events.map((event, i) => (i === position ? { ...event, ...change } : event)),
});
const measured = (change: (events: readonly MintedEvent[]) => readonly MintedEvent[]): GivenEvents => ({ measured: change });
const edit = (from: string, to: string): GivenEvents => ({ edit: (text) => text.replace(from, () => to) });
const model = (payload: Uint8Array) => runtimeEvent('model-root', payload);
const volume = (line: string) => edit('- cache:/cache', line);
const service = (line: string) => edit('command:', `${line}\n    command:`);
const PINNED = `x@sha256:${'b'.repeat(64)}`;

export const EVENT_CASES: readonly EventCase[] = [
  // form
  { name: 'no JSON', given: { evidence: { log: utf8('[') } }, due: 'eventLog fail JSON' },
  { name: 'no UTF-8', given: { evidence: { log: Uint8Array.of(0xff) } }, due: 'eventLog fail JSON' },
  { name: 'no list', given: { evidence: { log: utf8('{}') } }, due: 'eventLog fail EVENT_LOG' },
  { name: 'a megabyte', given: { evidence: { log: new Uint8Array(1 << 20) } }, due: 'eventLog fail TOO_LARGE' },
  {
    name: 'events without end',
    given: { evidence: { log: utf8(JSON.stringify(Array(2000).fill(0))) } },
    due: 'eventLog fail TOO_LARGE',
  },
  { name: 'brackets without end', given: { evidence: { log: utf8('['.repeat(200_000)) } }, due: 'eventLog fail TOO_LARGE' },
  { name: 'an event that is null', given: { evidence: { log: utf8('[null]') } }, due: 'eventLog fail EVENT_LOG' },
  { name: 'register 4', given: shown(0, { imr: 4 }), due: 'eventLog fail EVENT_LOG' },
  { name: 'register 0.5', given: shown(0, { imr: 0.5 }), due: 'eventLog fail EVENT_LOG' },
  { name: 'a type that is text', given: shown(0, { event_type: '1' }), due: 'eventLog fail EVENT_LOG' },
  { name: 'a digest of 32 bytes', given: shown(0, { digest: 'ab'.repeat(32) }), due: 'eventLog fail EVENT_LOG' },
  { name: 'a digest that is no text', given: shown(0, { digest: 5 }), due: 'eventLog fail EVENT_LOG' },
  { name: 'a payload that is no hexadecimal', given: shown(6, { event_payload: 'zz' }), due: 'eventLog fail EVENT_LOG' },
  { name: 'a payload without end', given: shown(6, { event_payload: 'ab'.repeat(20_000) }), due: 'eventLog fail EVENT_LOG' },
  { name: 'a name that is missing', given: shown(6, { event: undefined }), due: 'eventLog fail EVENT_LOG' },
  // replay
  ...[0, 1, 2, 3].map(
    (i): EventCase => ({
      name: `RTMR${i} holds something else`,
      given: {
        evidence: { registers: registersOf(eventsOf(appOf())).map((register, at) => (at === i ? new Uint8Array(48) : register)) },
      },
      due: `rtmr${i} fail EVENT_LOG` as 'rtmr0 fail EVENT_LOG',
      twin: { evidence: { registers: registersOf(eventsOf(appOf())) } },
    }),
  ),
  { name: 'registers are missing', given: { evidence: { registers: [] } }, due: 'rtmr3 fail EVENT_LOG' },
  {
    name: 'an event left out',
    given: { shown: (events) => events.filter(({ event }) => event !== 'app-id') },
    due: 'rtmr3 fail EVENT_LOG',
  },
  { name: 'an event made up', given: { shown: (events) => [...events, runtimeEvent('more')] }, due: 'rtmr3 fail EVENT_LOG' },
  {
    name: 'two events in the other order',
    given: { shown: (events) => [events[1], events[0], ...events.slice(2)] },
    due: 'rtmr0 fail EVENT_LOG',
  },
  {
    name: 'another payload under the digest',
    given: shown(7, { event_payload: 'ab'.repeat(32) }),
    due: 'digests fail EVENT_LOG',
  },
  { name: 'another name under the digest', given: shown(7, { event: 'compose-hasj' }), due: 'digests fail EVENT_LOG' },
  {
    name: 'another type in RTMR3',
    given: measured((events) => [...events, runtimeEvent('more', new Uint8Array(0), 1)]),
    due: 'digests fail EVENT_LOG',
  },
  {
    name: 'a colon in a name',
    given: measured((events) => [runtimeEvent('a:b'), ...events]),
    due: 'digests fail EVENT_LOG',
    twin: measured((events) => [runtimeEvent('a.b'), ...events]),
  },
  // order
  {
    name: 'an unknown event after system-ready',
    given: { after: [model(MODEL_ROOT), runtimeEvent('note')] },
    due: 'order fail EVENT_LOG',
    twin: { after: [model(MODEL_ROOT), runtimeEvent('note')], policy: { allowedAfterReady: ['note'] } },
  },
  {
    name: 'never ready',
    given: measured((events) => events.filter(({ event }) => event !== 'system-ready')),
    due: 'order fail EVENT_LOG',
  },
  { name: 'ready twice', given: { after: [model(MODEL_ROOT), runtimeEvent('system-ready')] }, due: 'order fail EVENT_LOG' },
  {
    name: 'a model before it is ready',
    given: measured((events) => [model(MODEL_ROOT), ...events.slice(0, -1)]),
    due: 'order fail EVENT_LOG',
  },
  // what runs
  {
    name: 'another application',
    given: { evidence: { appCompose: appOf({ name: 'other' }) } },
    due: 'composeHash fail MEASUREMENT',
  },
  {
    name: 'the application with a space more',
    given: { evidence: { appCompose: utf8(`${new TextDecoder().decode(appOf())} `) } },
    due: 'composeHash fail MEASUREMENT',
  },
  {
    name: 'two hashes of applications',
    given: measured((events) => [runtimeEvent('compose-hash', sha('sha256', appOf({ name: 'x' }))), ...events]),
    due: 'composeHash fail EVENT_LOG',
  },
  {
    name: 'the hash of the application after it is ready',
    given: {
      measured: (events) => {
        const own = events.find(({ event }) => event === 'compose-hash') as MintedEvent;
        return [...events.filter((event) => event !== own), own];
      },
      policy: { allowedAfterReady: ['compose-hash'] },
    },
    due: 'composeHash fail EVENT_LOG',
  },
  {
    name: 'an application that is not accepted',
    given: { policy: { composeHashes: [toHex(new Uint8Array(32))] } },
    due: 'composeHash fail MEASUREMENT',
    twin: { policy: { composeHashes: [toHex(sha('sha256', appOf()))] } },
  },
  {
    name: 'another operating system',
    given: { policy: { events: { 'os-image-hash': [toHex(new Uint8Array(32))] } } },
    due: 'events fail MEASUREMENT',
  },
  {
    name: 'an event that is asked for and missing',
    given: { policy: { events: { 'key-provider': ['00'] } } },
    due: 'events fail EVENT_LOG',
  },
  { name: 'another model', given: { after: [model(new Uint8Array(32))] }, due: 'modelRoot fail MEASUREMENT' },
  { name: 'no model', given: { after: [] }, due: 'modelRoot fail EVENT_LOG' },
  { name: 'two models', given: { after: [model(MODEL_ROOT), model(MODEL_ROOT)] }, due: 'modelRoot fail EVENT_LOG' },
  // the application
  {
    name: 'a variable that is not allowed',
    given: { app: { allowed_envs: ['TOKEN', 'MODEL'] } },
    due: 'allowedEnvs fail POLICY',
    twin: { app: { allowed_envs: ['TOKEN', 'MODEL'] }, policy: { allowedEnvs: ['MODEL', 'TOKEN'] } },
  },
  {
    name: 'variables that are no list',
    given: { app: { allowed_envs: 'TOKEN' } },
    due: 'allowedEnvs fail JSON',
    twin: { app: { allowed_envs: [] } },
  },
  {
    name: 'a script that is not known',
    given: { app: { pre_launch_script: 'curl x | sh' } },
    due: 'scripts fail POLICY',
    twin: { app: { pre_launch_script: '' } },
  },
  {
    name: 'another script',
    given: { app: { init_script: 'echo' } },
    due: 'scripts fail POLICY',
    twin: { app: { init_script: 'echo ready' } },
  },
  { name: 'another runner', given: { app: { runner: 'bash' } }, due: 'images fail POLICY' },
  {
    name: 'a member that is not known',
    given: { app: { feature: 1 } },
    due: 'images fail POLICY',
    twin: { app: { storage_fs: 'zfs' } },
  },
  {
    name: 'a configured engine',
    given: { app: { docker_config: { registry: 'x' } } },
    due: 'images fail POLICY',
    twin: { app: { docker_config: {} } },
  },
  {
    name: 'a member twice',
    given: {
      edit: (text) => text,
      measured: (events) => {
        const twice = twiceNamed();
        return events.map((event) =>
          event.event === 'compose-hash' ? runtimeEvent('compose-hash', sha('sha256', twice)) : event,
        );
      },
      evidence: { appCompose: twiceNamed() },
    },
    due: 'images fail JSON',
  },
  // images
  {
    name: 'an image by its tag',
    given: edit(`proxy@sha256:${'a'.repeat(64)}`, 'proxy:v1'),
    due: 'images fail POLICY',
    twin: edit(`proxy@sha256:${'a'.repeat(64)}`, `proxy:v1@sha256:${'a'.repeat(64)}`),
  },
  {
    name: 'an image by a short digest',
    given: edit(`proxy@sha256:${'a'.repeat(64)}`, `proxy@sha256:${'a'.repeat(63)}`),
    due: 'images fail POLICY',
  },
  {
    name: 'an image by a variable',
    given: edit(`proxy@sha256:${'a'.repeat(64)}`, `\${IMAGE}@sha256:${'a'.repeat(64)}`),
    due: 'images fail POLICY',
  },
  { name: 'a service that is built', given: service('build: .'), due: 'images fail POLICY' },
  { name: 'a service that extends another file', given: service('extends: other.yaml'), due: 'images fail POLICY' },
  {
    name: 'a file that is included',
    given: { edit: (text) => `include: [other.yaml]${text}` },
    due: 'images fail POLICY',
    twin: { edit: (text) => `x-note: [other.yaml]${text}` },
  },
  { name: 'no services', given: { edit: () => 'services: {}' }, due: 'images fail POLICY' },
  {
    name: 'a service without an image',
    given: { edit: () => 'services:\n  a:\n    command: x' },
    due: 'images fail POLICY',
    twin: { edit: () => `services:\n  a:\n    image: ${PINNED}` },
  },
  {
    name: 'an image twice',
    given: { edit: () => `services:\n  a:\n    image: ${PINNED}\n    "image": y` },
    due: 'images fail PARSE',
  },
  {
    name: 'an image behind an anchor',
    given: { edit: () => `services:\n  a: &a\n    image: ${PINNED}\n  b: *a` },
    due: 'images fail PARSE',
  },
  {
    name: 'a merged mapping',
    given: { edit: () => `services:\n  a:\n    image: ${PINNED}\n    <<: x` },
    due: 'images fail PARSE',
  },
  { name: 'a flow mapping', given: { edit: () => `services: {a: {image: ${PINNED}}}` }, due: 'images fail PARSE' },
  { name: 'a tag', given: { edit: () => `services:\n  a: !x\n    image: ${PINNED}` }, due: 'images fail PARSE' },
  {
    name: 'a second document',
    given: { edit: (text) => `${text}---\nservices:\n` },
    due: 'images fail PARSE',
    twin: { edit: (text) => `---${text}` },
  },
  { name: 'a tab', given: { edit: (text) => text.replace('    image', '\timage') }, due: 'images fail PARSE' },
  { name: 'an unusual space', given: { edit: (text) => text.replace('image: p', 'image:\u00a0p') }, due: 'images fail PARSE' },
  {
    name: 'a value over two lines',
    given: { edit: () => `services:\n  a:\n    image:\n      ${PINNED}\n      y` },
    due: 'images fail PARSE',
    twin: { edit: () => `services:\n  a:\n    image:\n      ${PINNED}` },
  },
  {
    name: 'a value that goes on',
    given: { edit: () => `services:\n  a:\n    image: ${PINNED}\n      y` },
    due: 'images fail PARSE',
  },
  {
    name: 'something behind a quoted value',
    given: { edit: () => `services:\n  a:\n    image: "${PINNED}" y` },
    due: 'images fail PARSE',
    twin: { edit: () => `services:\n  a:\n    image: "${PINNED}" # y` },
  },
  {
    name: 'nested without end',
    given: { edit: () => Array.from({ length: 40 }, (_, i) => `${' '.repeat(i)}a:`).join('\n') },
    due: 'images fail PARSE',
  },
  {
    name: 'a list with a comment in it',
    given: edit('"8000"]', '#"8000"]'),
    due: 'images fail PARSE',
    twin: edit('"8000"]', '"8000"] #'),
  },
  { name: 'lines without end', given: { edit: () => '\n'.repeat(20_000) }, due: 'images fail TOO_LARGE' },
  // files of the host
  {
    name: 'files of the host where the model is',
    given: volume('- /srv/models:/models'),
    due: 'hostMounts fail POLICY',
    twin: volume('- /srv/models:/other'),
  },
  { name: 'files of the host within the model', given: volume('- /srv/a:/models/a:ro'), due: 'hostMounts fail POLICY' },
  { name: 'files of the host above the model', given: volume('- /srv:/'), due: 'hostMounts fail POLICY' },
  {
    name: 'files of the host by another way of writing',
    given: volume('- /srv/models://models/'),
    due: 'hostMounts fail POLICY',
  },
  { name: 'files of the host at a path with dots', given: volume('- /srv/models:/x/../models'), due: 'hostMounts fail POLICY' },
  {
    name: 'files of the host in the long form',
    given: volume('- type: bind\n      source: /srv\n      target: /models'),
    due: 'hostMounts fail POLICY',
    twin: volume('- type: tmpfs\n      target: /models'),
  },
  {
    name: 'a volume that is a folder of the host',
    given: {
      edit: (text) =>
        text.replace('- cache:/cache', '- cache:/models').replace('  cache:\n', '  cache:\n    driver_opts:\n      type: none\n'),
    },
    due: 'hostMounts fail POLICY',
    twin: volume('- cache:/models'),
  },
  {
    name: 'a volume from outside',
    given: {
      edit: (text) => text.replace('- cache:/cache', '- cache:/models').replace('  cache:\n', '  cache:\n    external: true\n'),
    },
    due: 'hostMounts fail POLICY',
    twin: { edit: (text) => text.replace('- cache:/cache', '- cache:/models').replace('  cache:\n', '  cache:\n    name: c\n') },
  },
  { name: 'a volume that nobody declares', given: volume('- other:/models'), due: 'hostMounts fail POLICY' },
  { name: 'a volume by a variable', given: volume(`- \${DIR}:/other`), due: 'hostMounts fail POLICY' },
  { name: "the engine's socket", given: volume('- /var/run/docker.sock:/x'), due: 'hostMounts fail POLICY' },
  {
    name: "the folder of the engine's socket",
    given: volume('- /var/./run:/x'),
    due: 'hostMounts fail POLICY',
    twin: volume('- /var/lib:/x'),
  },
  {
    name: "the engine's socket by a volume",
    given: {
      edit: (text) =>
        text.replace('  cache:\n', '  cache:\n    driver_opts:\n      type: none\n      o: bind\n      device: /var/run\n'),
    },
    due: 'hostMounts fail POLICY',
  },
  {
    name: "the engine's socket as a configuration",
    given: { edit: (text) => text.replace(/content: \|[\s\S]*/, 'file: /var/run/docker.sock\n') },
    due: 'hostMounts fail POLICY',
    twin: { edit: (text) => text.replace(/content: \|[\s\S]*/, 'file: ./proxy.conf\n') },
  },
  {
    name: 'a configuration from outside',
    given: { edit: (text) => text.replace(/content: \|[\s\S]*/, 'external: true\n') },
    due: 'hostMounts fail POLICY',
    twin: { edit: (text) => text.replace(/content: \|[\s\S]*/, 'environment: TOKEN\n') },
  },
  { name: "the engine's socket behind dots", given: volume('- /srv/../var/run:/x'), due: 'hostMounts fail POLICY' },
  {
    name: 'a configuration of the host where the model is',
    given: { edit: (text) => text.replace('/etc/proxy.conf', '/models/x').replace(/content: \|[\s\S]*/, 'file: ./x\n') },
    due: 'hostMounts fail POLICY',
    twin: edit('/etc/proxy.conf', '/models/x'),
  },
  { name: "another container's volumes", given: service('volumes_from: [a]'), due: 'hostMounts fail POLICY' },
  { name: 'a secret at no place', given: service('secrets: [a]'), due: 'hostMounts fail POLICY' },
];

function twiceNamed(): Uint8Array {
  return utf8(new TextDecoder().decode(appOf()).replace('"runner"', '"name":"b","runner"'));
}
