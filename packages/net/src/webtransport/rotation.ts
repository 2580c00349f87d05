import type { Clock } from '@perigee/light-core/roles';
import { PerigeeError, WEBTRANSPORT_LOOK_MS, WEBTRANSPORT_ROTATE_RETRY_MS } from '@perigee/wire';
import type { Certificates } from './certificates.ts';

export interface RotationParts {
  readonly certificates: Pick<Certificates, 'rotate' | 'rotatesAt'>;
  readonly clock: Clock;
  /** Another certificate is shown from now on. */
  readonly onRotated: () => void;
  /** Told once of certificates that cannot be kept, and again only after one could. */
  readonly onFault: (error: PerigeeError) => void;
}

/** Takes the next certificate whenever it is time. One that cannot be written is tried again after pauses that grow. Resolves when `signal` aborts. */
export async function keepRotating(
  { certificates, clock, onRotated, onFault }: RotationParts,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    let pause: number;
    try {
      if (await certificates.rotate(clock.now())) onRotated();
      failures = 0;
      pause = Math.max(WEBTRANSPORT_ROTATE_RETRY_MS, certificates.rotatesAt - clock.now());
    } catch (cause) {
      if (failures === 0) {
        onFault(
          new PerigeeError('REFUSED', 'the next certificate for WebTransport could not be kept; it is tried again', { cause }),
        );
      }
      pause = WEBTRANSPORT_ROTATE_RETRY_MS * 2 ** Math.min(failures++, 30);
    }
    await clock.sleep(Math.min(pause, WEBTRANSPORT_LOOK_MS), signal).catch(() => {});
  }
}
