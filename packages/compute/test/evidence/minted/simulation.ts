import { utf8 } from '@perigee/wire';
import { Simulation } from '../../../src/evidence/simulated/index.ts';

/** 2026-09-21, milliseconds and seconds since 1970. */
export const NOW_MS = 1_790_000_000_000;
export const NOW = NOW_MS / 1_000;
export const SEED = utf8('minted cases');

/** One for all cases: its RSA keys take seconds. */
export const simulation = new Simulation({ seed: SEED, clock: { now: () => NOW_MS } });
