export { allowOrders } from './balances.ts';
export { boundBlock, noteBlock } from './block-references.ts';
export { gainOfCompute } from './conserved.ts';
export { type Judged, judgeEvidence, judgeReceipts } from './judge.ts';
export { computeParams } from './params.ts';
export { AUDIT_EVENT } from './reports.ts';
export { computeCost, runCompute } from './run.ts';
export { forgetSettled } from './settled-orders.ts';
