/** The flows under which sectors are proved, each as the state of the chain proves it under a verified header. */
import { FlowRecord, PerigeeError, type StoredFile } from '@perigee/wire';
import type { VerifiedState } from '../roles/index.ts';
import { FLOW_KEY, STORE } from '../state/index.ts';
import type { FlowName } from './flow-proof.ts';
import { sectorsOf } from './submission.ts';

/**
 * The flow at the verified head: with `verifySector`, a sector is proved down from its header.
 *
 * @throws NOT_FOUND when the chain stores no files, and what the state throws when it cannot prove
 */
export async function flowOfChain(state: VerifiedState, options: { signal?: AbortSignal } = {}): Promise<FlowName> {
  const raw = await state.get(STORE.storage, FLOW_KEY, options);
  if (raw === undefined) throw new PerigeeError('NOT_FOUND', 'this chain stores no files: its state has no flow');
  const { root, length } = FlowRecord.decodeCanonical(raw);
  return { root, length };
}

/** The flow as it was right after a submission. @param file as the state proves it, under any later header */
export function flowAfter({ flowRoot, startSector, nodes }: StoredFile): FlowName {
  return { root: flowRoot, length: startSector + sectorsOf(nodes) };
}
