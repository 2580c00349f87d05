import { FLOW_KEY, STORE } from '@perigee/light-core/state';
import { emptyFlow, flowRootOf, nobleFileHash } from '@perigee/light-core/storage';
import { FlowRecord, PerigeeError } from '@perigee/wire';
import type { StateView } from '../../state/index.ts';

/** The flow that a chain with stored files begins with. */
export function writeFirstFlow(view: StateView): void {
  const flow = emptyFlow();
  writeFlow(view, { ...flow, root: flowRootOf(flow, nobleFileHash), submissions: 0, paidSectors: 0, pool: 0n });
}

/** Only on a chain that stores files. */
export function readFlow(view: StateView): FlowRecord {
  const record = view.read(STORE.storage, FLOW_KEY, FlowRecord);
  if (record === undefined) throw new PerigeeError('INTERNAL', 'a chain that stores files has no flow in its state');
  return record;
}

export function writeFlow(view: StateView, record: FlowRecord): void {
  view.write(STORE.storage, FLOW_KEY, FlowRecord, record);
}
