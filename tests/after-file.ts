/** Files share a process: what one has left there is cleared away before the next. */
import { afterAll } from 'vitest';
import { undoAll } from './kit/end.ts';

afterAll(undoAll); // the first that is registered is the last that runs
