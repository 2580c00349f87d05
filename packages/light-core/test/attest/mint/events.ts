import { concat, toHex, u32le, utf8 } from '@perigee/wire';
import { DSTACK_RUNTIME_EVENT } from '../../../src/attest/events/log.ts';
import { sha } from './certificate.ts';

export interface MintedEvent {
  readonly imr: number;
  readonly event_type: number;
  readonly digest: string;
  readonly event: string;
  readonly event_payload: string;
}

/** An event that a guest writes into RTMR3. */
export function runtimeEvent(event: string, payload: Uint8Array = new Uint8Array(0), type = DSTACK_RUNTIME_EVENT): MintedEvent {
  const digest = sha('sha384', u32le(type), utf8(`:${event}:`), payload);
  return { imr: 3, event_type: type, digest: toHex(digest), event, event_payload: toHex(payload) };
}

/** An event of firmware or kernel. */
function bootEvent(imr: number, seed: number): MintedEvent {
  return { imr, event_type: 0x80000008, digest: toHex(sha('sha384', Uint8Array.of(imr, seed))), event: '', event_payload: '' };
}

/** What the registers hold after these events. */
export function registersOf(events: readonly MintedEvent[]): Uint8Array[] {
  const registers: Uint8Array[] = Array.from({ length: 4 }, () => new Uint8Array(48));
  for (const { imr, digest } of events)
    registers[imr] = sha('sha384', concat(registers[imr] as Uint8Array, Buffer.from(digest, 'hex')));
  return registers;
}

const DIGEST = 'a'.repeat(64);

export const COMPOSITION = `
services:
  # the model is served by this one
  server:
    image: "registry.example/vllm@sha256:${DIGEST}"
    command: ["--port", "8000"]
    environment:
      - TOKEN=\${TOKEN}
    volumes:
    - cache:/cache
    - /var/run/dstack.sock:/var/run/dstack.sock
    - type: bind
      source: /srv/logs
      target: /logs
  proxy:
    image: proxy@sha256:${DIGEST}
    configs:
      - source: proxy
        target: /etc/proxy.conf
volumes:
  cache:
configs:
  proxy:
    content: |
      listen 80
        upstream server
`;

export function appOf(more: { readonly [member: string]: unknown } = {}): Uint8Array {
  const app = {
    manifest_version: 2,
    name: 'an app',
    runner: 'docker-compose',
    docker_compose_file: COMPOSITION,
    kms_enabled: true,
    public_logs: true,
    allowed_envs: ['TOKEN'],
    pre_launch_script: 'echo ready',
    ...more,
  };
  return utf8(JSON.stringify(app));
}

export const MODEL_ROOT = new Uint8Array(32).fill(0x3d);

/** A guest's events, from power to serving its model. */
export function eventsOf(
  app: Uint8Array,
  after: readonly MintedEvent[] = [runtimeEvent('model-root', MODEL_ROOT)],
): readonly MintedEvent[] {
  return [
    ...[0, 0, 1, 1, 2].map(bootEvent),
    runtimeEvent('system-preparing'),
    runtimeEvent('app-id', new Uint8Array(20).fill(1)),
    runtimeEvent('compose-hash', sha('sha256', app)),
    runtimeEvent('os-image-hash', new Uint8Array(32).fill(2)),
    runtimeEvent('system-ready'),
    ...after,
  ];
}
