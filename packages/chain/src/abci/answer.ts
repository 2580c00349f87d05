import { PerigeeError } from '@perigee/wire';
import type { Application } from '../application/index.ts';
import { Request } from './requests.ts';
import type { Response } from './responses.ts';

/** What this server speaks; CometBFT v0.38 to v0.40 name it in `Info`. */
const ABCI_VERSION = /^2\.0\.\d+$/;

/** How the calls of several connections share the one state of an application. */
export interface Access {
  /** For a call that changes the state, or speaks of where it is: none else runs meanwhile. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** For a call that only the engine of a chain makes: while its connection lives, no other may. */
  asDriver<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Answer one request.
 *
 * @param frame of a `Request`
 * @throws PARSE for what is no request, UNSUPPORTED for one of another ABCI, BUSY, and whatever the application throws: the engine is to be told,
 *   and stops
 */
export async function answer(app: Application, frame: Uint8Array, { exclusively, asDriver }: Access): Promise<Response> {
  const request = Request.decode(frame);
  const kinds = Object.keys(request) as (keyof Request)[];
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? 'none that ABCI 2.0 of CometBFT v0.38 has' : kinds.join(' and ');
    throw new PerigeeError('PARSE', `a request of ${frame.length} bytes holds ${found}; exactly one is due`);
  }
  const { echo, info, initChain, query, checkTx, offerSnapshot, loadSnapshotChunk, applySnapshotChunk } = request;
  const { prepareProposal, processProposal, extendVote, verifyVoteExtension, finalizeBlock } = request;
  if (request.flush !== undefined) return { flush: {} };
  if (echo !== undefined) return { echo };
  if (checkTx !== undefined) return { checkTx: await app.checkTx(checkTx) };
  if (query !== undefined) {
    const { proofOps, ...rest } = await app.query(query);
    return { query: { ...rest, proofOps: { ops: proofOps } } };
  }
  if (info !== undefined) {
    if (!ABCI_VERSION.test(info.abciVersion)) throw otherVersion(info.abciVersion, info.version);
    return { info: await exclusively(() => app.info()) };
  }
  if (finalizeBlock !== undefined) return { finalizeBlock: await asDriver(() => app.finalizeBlock(finalizeBlock)) };
  if (request.commit !== undefined) return { commit: await asDriver(() => app.commit()) };
  if (prepareProposal !== undefined) return { prepareProposal: await asDriver(() => app.prepareProposal(prepareProposal)) };
  if (processProposal !== undefined) return { processProposal: await asDriver(() => app.processProposal(processProposal)) };
  if (extendVote !== undefined) return { extendVote: await asDriver(() => app.extendVote(extendVote)) };
  if (verifyVoteExtension !== undefined) {
    return { verifyVoteExtension: await asDriver(() => app.verifyVoteExtension(verifyVoteExtension)) };
  }
  if (initChain !== undefined) return { initChain: await asDriver(() => app.initChain(initChain)) };
  if (request.listSnapshots !== undefined) return { listSnapshots: await app.listSnapshots() };
  if (loadSnapshotChunk !== undefined) return { loadSnapshotChunk: await app.loadSnapshotChunk(loadSnapshotChunk) };
  if (offerSnapshot !== undefined) return { offerSnapshot: await exclusively(() => app.offerSnapshot(offerSnapshot)) };
  if (applySnapshotChunk !== undefined) {
    return { applySnapshotChunk: await exclusively(() => app.applySnapshotChunk(applySnapshotChunk)) };
  }
  throw new PerigeeError('INTERNAL', `there is no answer to ${kinds[0]}`);
}

function otherVersion(abci: string, engine: string): PerigeeError {
  const named = abci === '' ? 'no ABCI version' : `ABCI "${abci.slice(0, 40)}"`;
  return new PerigeeError(
    'UNSUPPORTED',
    `the engine (version "${engine.slice(0, 40)}") speaks ${named}; this application speaks ABCI 2.0: run it with CometBFT v0.38`,
    { data: { abciVersion: abci.slice(0, 40) } },
  );
}
