import { PerigeeError } from '@perigee/wire';

/** What of the browser's global scope is looked at. */
export type Scope = Pick<typeof globalThis, 'isSecureContext'> & {
  readonly WebAssembly?: unknown;
  readonly Worker?: unknown;
  readonly RTCPeerConnection?: unknown;
};

/** Refuses a browser without what the checks need. @throws UNSUPPORTED whose data names the `missing` part */
export function requireEnvironment(scope: Scope): void {
  const missing = !scope.isSecureContext
    ? 'secure context'
    : scope.WebAssembly === undefined
      ? 'WebAssembly'
      : scope.Worker === undefined
        ? 'Worker'
        : undefined;
  if (missing !== undefined) throw new PerigeeError('UNSUPPORTED', `there is no ${missing} here`, { data: { missing } });
}

/** Without it rows still come, over WebSocket. */
export function hasWebrtc(scope: Scope): boolean {
  return typeof scope.RTCPeerConnection === 'function';
}
