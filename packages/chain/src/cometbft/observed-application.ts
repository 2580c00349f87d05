import type { Application, CheckTxRequest, FinalizeBlockRequest, FinalizeBlockResponse, TxResult } from '../application/index.ts';
import { withAppState } from './genesis-json.ts';

/** What an application did. */
export interface ApplicationObserver {
  onChecked(request: CheckTxRequest, verdict: TxResult): void;
  /** The state of a block is on disk. */
  onCommitted(block: FinalizeBlockRequest, response: FinalizeBlockResponse): void;
}

/** An application as CometBFT drives it: its genesis comes out of a genesis file, and what it does is told. */
export function observedApplication(app: Application, { onChecked, onCommitted }: ApplicationObserver): Application {
  let finalized: [FinalizeBlockRequest, FinalizeBlockResponse] | undefined;
  return {
    info: () => app.info(),
    initChain: async (request) => app.initChain(withAppState(request)),
    async checkTx(request) {
      const verdict = await app.checkTx(request);
      onChecked(request, verdict);
      return verdict;
    },
    prepareProposal: (request) => app.prepareProposal(request),
    processProposal: (request) => app.processProposal(request),
    async finalizeBlock(request) {
      const response = await app.finalizeBlock(request);
      finalized = [request, response];
      return response;
    },
    async commit() {
      const response = await app.commit();
      if (finalized !== undefined) onCommitted(...finalized);
      finalized = undefined;
      return response;
    },
    query: (request) => app.query(request),
    extendVote: (request) => app.extendVote(request),
    verifyVoteExtension: (request) => app.verifyVoteExtension(request),
    listSnapshots: () => app.listSnapshots(),
    offerSnapshot: (request) => app.offerSnapshot(request),
    loadSnapshotChunk: (request) => app.loadSnapshotChunk(request),
    applySnapshotChunk: (request) => app.applySnapshotChunk(request),
  };
}
