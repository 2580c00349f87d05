import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AdversaryOptions, AdversaryReady } from './adversaries/adversary.ts';
import { startProcess, type TestProcess } from './process.ts';

export type { Fault } from './adversaries/faults.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/test/programs/adversary.js', import.meta.url));

/** A committee member with a fault, in a process of its own. */
export interface AdversaryProcess extends AdversaryReady {
  readonly process: TestProcess;
}

/** @returns when others know where it is */
export async function startAdversaryProcess(options: AdversaryOptions): Promise<AdversaryProcess> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} was not built: call buildTestPrograms() of scripts/build first`);
  const child = startProcess(PROGRAM, [JSON.stringify(options)]);
  const ready = await child.ready().catch(async (error: unknown) => {
    await child.kill();
    throw error;
  });
  return { ...(ready as unknown as AdversaryReady), process: child };
}
