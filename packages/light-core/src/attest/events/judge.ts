/** What the events and the application of a guest say, held against a policy. Each gives a sentence about what it found, or throws what is wrong. */
import { equal, MAX_EVENT_NAME_CHARACTERS, toHex, utf8 } from '@perigee/wire';
import { refuse, unchecked } from '../code.ts';
import type { AttestCrypto } from '../crypto.ts';
import { oneOf } from '../one-of.ts';
import type { AppCompose } from './app-compose.ts';
import type { Composition } from './composition.ts';
import { APP_REGISTER, DSTACK_RUNTIME_EVENT, type LoggedEvent } from './log.ts';
import type { EventPolicy } from './policy.ts';
import { runtimeDigest } from './replay.ts';

/** Events by which a dstack guest tells its own state. */
const EVENT_NAMES = { ready: 'system-ready', compose: 'compose-hash', model: 'model-root' } as const;

const NAME = /^[A-Za-z0-9._-]+$/;

/** The application's events, each with a digest that is its own: only their names and payloads can be believed. */
export function judgeDigests(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const own = events.filter(({ register }) => register === APP_REGISTER);
  for (const event of own) {
    if (event.type !== DSTACK_RUNTIME_EVENT)
      throw refuse('EVENT_LOG', `An event of type ${event.type} is in RTMR3, where the guest alone writes.`);
    if (event.name.length > MAX_EVENT_NAME_CHARACTERS || !NAME.test(event.name))
      throw refuse('EVENT_LOG', `An event of RTMR3 has a name that can be read in two ways: "${event.name.slice(0, 40)}".`);
    if (!equal(runtimeDigest(event), event.digest)) {
      throw refuse('EVENT_LOG', `The digest of event "${event.name}" is not that of its name and payload.`);
    }
  }
  return own;
}

/** The payload of an event that is there once. */
function payloadOf(events: readonly LoggedEvent[], name: string): Uint8Array {
  const found = events.filter((event) => event.name === name);
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw refuse('EVENT_LOG', `Event "${name}" is there ${found.length} times, not once.`);
  return first.payload;
}

/** Until `system-ready` the measured guest alone writes events; what follows comes from what it started. */
export function judgeOrder(events: readonly LoggedEvent[], { allowedAfterReady = [] }: EventPolicy): string {
  payloadOf(events, EVENT_NAMES.ready);
  const at = events.findIndex(({ name }) => name === EVENT_NAMES.ready);
  const before = events.slice(0, at).find(({ name }) => name === EVENT_NAMES.model);
  if (before !== undefined) throw refuse('EVENT_LOG', `Event "${EVENT_NAMES.model}" stands before "${EVENT_NAMES.ready}".`);
  const after = events.slice(at + 1);
  const unknown = after.find(({ name }) => name !== EVENT_NAMES.model && !allowedAfterReady.includes(name));
  if (unknown !== undefined)
    throw refuse('EVENT_LOG', `Event "${unknown.name}" follows "${EVENT_NAMES.ready}", and the policy does not allow it.`);
  return `${after.length} events follow "${EVENT_NAMES.ready}", all of them known.`;
}

export function judgeCompose(events: readonly LoggedEvent[], hash: Uint8Array, { composeHashes }: EventPolicy): string {
  const measured = payloadOf(events, EVENT_NAMES.compose);
  if (!equal(measured, hash)) throw refuse('MEASUREMENT', 'The application is not the one that was measured.');
  if (events.findIndex(({ name }) => name === EVENT_NAMES.compose) > events.findIndex(({ name }) => name === EVENT_NAMES.ready)) {
    throw refuse('EVENT_LOG', `Event "${EVENT_NAMES.compose}" follows "${EVENT_NAMES.ready}".`);
  }
  if (composeHashes !== undefined) return oneOf(hash, composeHashes, 'MEASUREMENT', 'hash of the application');
  return `The application with hash ${toHex(hash.subarray(0, 8))}… is the one that was measured.`;
}

export function judgeNamed(events: readonly LoggedEvent[], accepted: NonNullable<EventPolicy['events']>): string {
  for (const [name, payloads] of Object.entries(accepted))
    oneOf(payloadOf(events, name), payloads, 'MEASUREMENT', `payload of event "${name}"`);
  return `${Object.keys(accepted).length} events are as the policy has them.`;
}

export function judgeModel(events: readonly LoggedEvent[], { modelRoot }: EventPolicy): string {
  if (modelRoot === undefined) throw unchecked('NOT_ASKED', 'The policy does not say which model must be served.');
  return oneOf(payloadOf(events, EVENT_NAMES.model), [modelRoot], 'MEASUREMENT', 'root of the model');
}

/** A name with a digest means the same bytes for ever; a tag means what its owner says today. */
const PINNED = /^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$/;

export function judgeImages({ services }: Composition): string {
  const loose = services.find(({ image }) => !PINNED.test(image));
  if (loose !== undefined)
    throw refuse('POLICY', `Image "${loose.image.slice(0, 80)}" of service ${loose.name} is not pinned by its digest.`);
  return `The images of ${services.length} services are pinned by their digests.`;
}

/** By these a container tells the engine what to run. */
const ENGINE_SOCKETS = [
  '/var/run/docker.sock',
  '/run/docker.sock',
  '/run/containerd/containerd.sock',
  '/var/run/containerd/containerd.sock',
].map(partsOf);

export function judgeMounts({ services }: Composition, { guardedPaths = [] }: EventPolicy): string {
  const guards = guardedPaths.map((path) => ({ path, parts: partsOf(path) }));
  for (const { name, hostMounts } of services) {
    for (const { source, isOpen, target } of hostMounts) {
      const place = partsOf(target);
      const guarded = guards.find(({ parts }) => isWithin(parts, place) || isWithin(place, parts))?.path;
      if (guarded !== undefined)
        throw refuse(
          'POLICY',
          `Service ${name} shows files of the host at ${target}, where ${guarded} must come from its image.`,
        );
      if (isOpen)
        throw refuse('POLICY', `Service ${name} is shown "${source.slice(0, 80)}", which may stand for any file of the host.`);
      const shown = partsOf(source);
      const socket = ENGINE_SOCKETS.find((parts) => isWithin(parts, shown));
      if (socket !== undefined)
        throw refuse('POLICY', `Service ${name} is shown /${socket.join('/')}, by which it can run what is not measured.`);
    }
  }
  return guardedPaths.length === 0
    ? 'No service is shown the socket of the engine.'
    : `No files of the host are shown at ${guardedPaths.join(', ')}.`;
}

/** Whether `inner` is `outer` or lies in it. */
function isWithin(inner: readonly string[], outer: readonly string[]): boolean {
  return outer.length <= inner.length && outer.every((part, i) => inner[i] === part);
}

/** @param path may have dots and slashes as a person writes them */
function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

export function judgeEnvs({ allowedEnvs }: AppCompose, policy: EventPolicy): string {
  const loose = allowedEnvs.find((name) => !(policy.allowedEnvs ?? []).includes(name));
  if (loose !== undefined)
    throw refuse('POLICY', `The operator may set "${loose.slice(0, 40)}", which the policy does not allow.`);
  return allowedEnvs.length === 0
    ? 'The operator may set no variables.'
    : `The operator may set ${allowedEnvs.join(', ').slice(0, 200)}.`;
}

export async function judgeScripts({ scripts }: AppCompose, policy: EventPolicy, primitives: AttestCrypto): Promise<string> {
  for (const [name, script] of scripts)
    oneOf(await primitives.sha256(utf8(script)), policy.scripts ?? [], 'POLICY', `hash of the ${name}`);
  return scripts.size === 0 ? 'No scripts run beside the containers.' : `${scripts.size} scripts are as the policy has them.`;
}
