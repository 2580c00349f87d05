/** A lazy chunk: what only a page that retrieves needs. */
import type { LightNode, RetrieveProgress } from '@perigee/sampler';
import { type OpfsSink, opfsSink } from '@perigee/sampler/web';
import type { RetrieveResult, RetrieveTask } from '../model/index.ts';
import type { Change } from './tasks.ts';

/** Where a stage begins in the whole, 0 to 1. */
const STAGE_BEGINS: Readonly<Record<RetrieveProgress['stage'], number>> = {
  prove: 0.02,
  rows: 0.05,
  segments: 0.05,
  reconstruct: 0.75,
  compare: 0.85,
  write: 0.95,
  done: 1,
};

export interface RetrieveParts {
  readonly node: LightNode;
  readonly blobId: string;
  readonly signal: AbortSignal;
  readonly report: (change: Change<RetrieveTask>) => void;
}

export interface Retrieved {
  readonly result: RetrieveResult;
  readonly file: OpfsSink;
}

/** Nothing is left of what fails. @throws what `opfsSink` and `LightNode.retrieve` throw */
export async function retrieveFile({ node, blobId, signal, report }: RetrieveParts): Promise<Retrieved> {
  const file = await opfsSink();
  try {
    const { length, sha256, rows, originals, segments } = await node.retrieve(blobId, {
      sink: file,
      signal,
      onProgress: (progress) => report(changeOf(progress)),
    });
    return { result: { length, sha256, rows, originals, segments }, file };
  } catch (thrown) {
    await file.abort();
    throw thrown;
  }
}

function changeOf({ stage, rows, needed, bytesIn }: RetrieveProgress): Change<RetrieveTask> {
  const within = (stage === 'rows' || stage === 'segments') && needed > 0 ? rows / needed : 0;
  return { stage, done: STAGE_BEGINS[stage] + within * (STAGE_BEGINS.reconstruct - STAGE_BEGINS.rows), rows, needed, bytesIn };
}
