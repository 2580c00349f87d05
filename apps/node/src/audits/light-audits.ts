import { join } from 'node:path';
import { encodeReceiptFile } from '@perigee/light-core/receipt';
import { bestEd25519 } from '@perigee/light-core/signature';
import { createStopController, cryptoRandomBytes, systemClock } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import { Auditor, type AuditSays, AuditWatch, type AuditWatchView, type LaidOutFinding } from '@perigee/sampler/audit';
import { type OpenedReceipt, PerigeeError } from '@perigee/wire';
import { makeFolder, writeNamedFile } from '../files.ts';
import { auditReports } from './reports.ts';
import { weightsAmong } from './weights.ts';

/** Receipts of false answers are kept in this folder of the home: the network has what opens them as long as the blob lasts. */
const KEPT = 'audits';

export interface LightAuditsOptions {
  /** With a verified head. */
  readonly node: LightNode;
  readonly home: string;
  readonly rate: number;
  readonly says: AuditSays;
  readonly key: string | undefined;
  /** Files of weights beside our own. */
  readonly weights: readonly string[];
  readonly onFinding: (finding: LaidOutFinding) => void;
  /** What happened beside, in words. */
  readonly onNotice: (words: string) => void;
  /** What ends it for good. */
  readonly onFault: (error: PerigeeError) => void;
}

export interface LightAudits {
  /** `undefined` until it has begun. */
  readonly view: AuditWatchView | undefined;
  /** Ends what is executed, and its worker. */
  stop(): Promise<void>;
}

/** Audits what is laid out, beside whatever else the light node does, until it is stopped. */
export function startLightAudits(options: LightAuditsOptions): LightAudits {
  const stopping = createStopController();
  const { signal } = stopping;
  let watch: AuditWatch | undefined;
  const run = async (): Promise<void> => {
    const { node, home, rate, says, key, onNotice } = options;
    const weights = await weightsAmong(options.weights);
    const onFunded = (): void => onNotice('the faucet gave to the account that reports');
    const { account, send } = await auditReports(node, { home, key, onFunded, signal });
    const auditor = new Auditor({
      state: node.chain,
      weights,
      verifyEd25519: bestEd25519(crypto.subtle),
    });
    watch = new AuditWatch({
      node,
      auditor,
      rate,
      says,
      account,
      report: send,
      random: cryptoRandomBytes,
      clock: systemClock,
      onFinding: (finding, opened) => found(finding, opened, options),
    });
    await watch.run(signal).finally(() => auditor.close());
  };
  const running = run().catch((thrown: unknown) => {
    if (!signal.aborted) options.onFault(PerigeeError.from(thrown));
  });
  return {
    get view() {
      return watch?.view;
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function found(
  finding: LaidOutFinding,
  opened: OpenedReceipt | undefined,
  { home, onFinding, onNotice }: LightAuditsOptions,
): void {
  onFinding(finding);
  const isFalse = finding.outcome === 'fraud' || finding.outcome === 'overcount';
  if (!isFalse || opened === undefined) return;
  const path = join(home, KEPT, `${finding.order}.pgrc`);
  makeFolder(join(home, KEPT))
    .then(() => writeNamedFile(path, encodeReceiptFile(opened)))
    .catch((thrown: unknown) => onNotice(`${path} could not be written: ${PerigeeError.from(thrown).message}`));
}
