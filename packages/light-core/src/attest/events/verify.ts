import { equal } from '@perigee/wire';
import { type Check, CheckList, type CheckNames } from '../check.ts';
import { refuse, unchecked } from '../code.ts';
import type { AttestCrypto } from '../crypto.ts';
import { readAppCompose } from './app-compose.ts';
import { readComposition } from './composition.ts';
import * as judge from './judge.ts';
import { type LoggedEvent, RUNTIME_REGISTERS, readEventLog } from './log.ts';
import type { EventPolicy } from './policy.ts';
import { replay } from './replay.ts';

/** Checks of what a guest has measured. `events` is made where the policy asks for it. */
const EVENT_CHECKS = {
  eventLog: 'code',
  rtmr0: 'code',
  rtmr1: 'code',
  rtmr2: 'code',
  rtmr3: 'code',
  digests: 'code',
  order: 'code',
  composeHash: 'code',
  events: 'code',
  images: 'code',
  hostMounts: 'code',
  allowedEnvs: 'code',
  scripts: 'code',
  modelRoot: 'model',
} as const satisfies CheckNames<string>;

export type EventCheck = keyof typeof EVENT_CHECKS;

export interface EventEvidence {
  /** As the guest hands it out; nobody vouches for it until it is replayed. */
  readonly log: Uint8Array;
  /** The exact bytes of the application; without them its hash alone can be compared. */
  readonly appCompose?: Uint8Array;
  /** RTMR0 to RTMR3 of a quote that was verified, 48 bytes each. */
  readonly registers: readonly Uint8Array[];
}

export interface EventResult {
  readonly checks: readonly Check<EventCheck>[];
  /** The application's events, if all registers were replayed and each digest is right. */
  readonly events: readonly LoggedEvent[] | undefined;
}

/**
 * Verifies the event log of a dstack guest against the registers of its quote, and what it runs against a policy.
 *
 * Whatever the bytes are, it gives a result and does not throw.
 */
export async function verifyEvents(evidence: EventEvidence, policy: EventPolicy, primitives: AttestCrypto): Promise<EventResult> {
  const checks = new CheckList<EventCheck>(namesFor(policy), policy.modelRoot === undefined ? ['modelRoot'] : []);
  const log = await checks.run('eventLog', () => {
    const value = readEventLog(evidence.log);
    return { value, reason: `The log has ${value.length} events.` };
  });
  const events = log && (await replayed(log, evidence.registers, checks));
  if (events !== undefined) {
    const say = (name: EventCheck, look: () => string) => checks.run(name, () => ({ value: true, reason: look() }));
    await say('order', () => judge.judgeOrder(events, policy));
    const app = await measuredApp(events, evidence, policy, checks, primitives);
    const { events: named } = policy;
    if (named !== undefined) await say('events', () => judge.judgeNamed(events, named));
    await say('modelRoot', () => judge.judgeModel(events, policy));
    if (app !== undefined) await judgeApp(app, policy, checks, primitives);
  }
  return { checks: checks.all(), events };
}

function namesFor({ events }: EventPolicy): CheckNames<EventCheck> {
  return Object.fromEntries(Object.entries(EVENT_CHECKS).filter(([name]) => name !== 'events' || events !== undefined));
}

/** @returns the application's events, if the log is what the registers hold */
async function replayed(
  log: readonly LoggedEvent[],
  registers: readonly Uint8Array[],
  checks: CheckList<EventCheck>,
): Promise<readonly LoggedEvent[] | undefined> {
  const found = replay(log);
  let isWhole = true;
  for (let i = 0; i < RUNTIME_REGISTERS; i++) {
    const right = await checks.run(`rtmr${i}` as 'rtmr0', () => {
      const due = registers[i];
      if (due === undefined || !equal(found[i] as Uint8Array, due))
        throw refuse('EVENT_LOG', `The events of RTMR${i} do not lead to what it holds.`);
      return { value: true, reason: `The events of RTMR${i} lead to what it holds.` };
    });
    isWhole &&= right === true;
  }
  if (!isWhole) return undefined;
  return checks.run('digests', () => {
    const value = judge.judgeDigests(log);
    return { value, reason: `${value.length} events of RTMR3 are what their digests say.` };
  });
}

/** @returns the application, if its bytes are those that were measured */
async function measuredApp(
  events: readonly LoggedEvent[],
  { appCompose }: EventEvidence,
  policy: EventPolicy,
  checks: CheckList<EventCheck>,
  primitives: AttestCrypto,
): Promise<Uint8Array | undefined> {
  return checks.run('composeHash', async () => {
    if (appCompose === undefined) throw unchecked('COLLATERAL_MISSING', 'The application that was measured is missing.');
    return { value: appCompose, reason: judge.judgeCompose(events, await primitives.sha256(appCompose), policy) };
  });
}

async function judgeApp(
  bytes: Uint8Array,
  policy: EventPolicy,
  checks: CheckList<EventCheck>,
  primitives: AttestCrypto,
): Promise<void> {
  const app = once(() => readAppCompose(bytes));
  const composition = once(() => readComposition(app().composition));
  // each of these says itself what is wrong with the bytes
  const say = (name: EventCheck, look: () => string | Promise<string>) =>
    checks.run(name, async () => ({ value: true, reason: await look() }));
  await say('images', () => judge.judgeImages(composition()));
  await say('hostMounts', () => judge.judgeMounts(composition(), policy));
  await say('allowedEnvs', () => judge.judgeEnvs(app(), policy));
  await say('scripts', () => judge.judgeScripts(app(), policy, primitives));
}

/** Gives what was found, or throws what was thrown, each time; it is looked for once. */
function once<T>(look: () => T): () => T {
  let found: (() => T) | undefined;
  return () => {
    found ??= settled(look);
    return found();
  };
}

function settled<T>(look: () => T): () => T {
  try {
    const value = look();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
