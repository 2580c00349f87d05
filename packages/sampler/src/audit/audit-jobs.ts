import { type Reexecuted, reexecute } from '@perigee/light-core/audit';
import { type LanguageModel, loadModel, scalarMatrices } from '@perigee/light-core/model';
import { fileTreeOf } from '@perigee/light-core/storage';
import { equal, type InferenceReceipt, type InferenceRequest, PerigeeError, toHex } from '@perigee/wire';
import type { JobContext } from '@perigee/workers';
import { loadFileHasher } from '@perigee/workers/codec';
import { loadMatrices } from '@perigee/workers/matrices';

/** Tokens between two chances to hear that nobody waits any more. */
const STEPS_A_TURN = 16;

/** Jobs of the worker that executes answers again. It keeps one model: others take its place. */
export function createAuditJobs() {
  let held: { readonly root: Uint8Array; readonly model: LanguageModel } | undefined;

  return {
    /** Whether the worker has the model. */
    has: ({ modelRoot }: { readonly modelRoot: Uint8Array }): boolean => held !== undefined && equal(held.root, modelRoot),

    /** @throws NOT_FOUND when it is the file of another model; PARSE, UNKNOWN_VERSION, OUT_OF_MEMORY */
    async open({ file, modelRoot }: { readonly file: Uint8Array; readonly modelRoot: Uint8Array }): Promise<void> {
      const { root } = fileTreeOf(file, await loadFileHasher());
      if (!equal(root, modelRoot)) {
        throw new PerigeeError('NOT_FOUND', `the weights have root ${toHex(root)}, not ${toHex(modelRoot)}`);
      }
      held = undefined; // its memory first
      held = { root, model: loadModel(file, (await loadMatrices()) ?? scalarMatrices) };
    },

    /** @throws NOT_FOUND before the model was opened */
    async reexecute(
      { receipt, request }: { readonly receipt: InferenceReceipt; readonly request: InferenceRequest },
      { signal }: JobContext,
    ): Promise<Reexecuted> {
      if (held === undefined) throw new PerigeeError('NOT_FOUND', 'the worker has no model: it was started anew');
      const run = reexecute(held.model, receipt, request);
      for (let step = 1; ; step++) {
        const { done, value } = run.next();
        if (done === true) return value;
        if (step % STEPS_A_TURN !== 0) continue;
        await new Promise<void>((resolve) => setTimeout(resolve, 0));
        if (signal.aborted) throw new PerigeeError('ABORTED', 'nobody waits for this answer any more');
      }
    },
  };
}
