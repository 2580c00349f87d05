import { dirname, join } from 'node:path';
import { syncFolder } from '@perigee/disk/files';
import { encodeReceiptFile } from '@perigee/light-core/receipt';
import { bestEd25519 } from '@perigee/light-core/signature';
import { createStopController, cryptoRandomBytes, systemClock } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import {
  Auditor,
  type AuditSays,
  AuditWatch,
  type AuditWatchView,
  type CollectedDeposit,
  DepositBook,
  type DepositsBack,
  type LaidOutFinding,
} from '@perigee/sampler/audit';
import { type OpenedReceipt, PerigeeError, toHex } from '@perigee/wire';
import { writeNamedFile } from '../files.ts';
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
  /** Whose deposits it takes back by itself. */
  readonly back: DepositsBack;
  readonly onFinding: (finding: LaidOutFinding) => void;
  readonly onCollected: (collected: CollectedDeposit) => void;
  /** What happened beside, in words. */
  readonly onNotice: (words: string) => void;
  /** What ends it for good. */
  readonly onFault: (error: PerigeeError) => void;
}

export interface LightAuditsView extends AuditWatchView {
  /** Reports whose deposits are still to be taken back, and how many were since this began. */
  readonly deposits: DepositBook['view'];
}

export interface LightAudits {
  /** `undefined` until it has begun. */
  readonly view: LightAuditsView | undefined;
  /** Ends what is executed, and its worker. */
  stop(): Promise<void>;
}

/** Audits what is laid out, beside whatever else the light node does, until it is stopped. */
export function startLightAudits(options: LightAuditsOptions): LightAudits {
  const stopping = createStopController();
  const { signal } = stopping;
  let watch: AuditWatch | undefined;
  let deposits: DepositBook | undefined;
  const run = async (): Promise<void> => {
    const { node, home, rate, says, key, back, onNotice, onFinding, onCollected } = options;
    const weights = await weightsAmong(options.weights);
    const onFunded = (): void => onNotice('the faucet gave to the account that reports');
    const { account, send, withdraw } = await auditReports(node, { home, key, onFunded, signal });
    deposits = new DepositBook({ node, account, back, withdraw, onCollected });
    await deposits.open();
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
      keepFalse: (opened) => keepFalse(join(home, KEPT), opened),
      deposits,
      onFinding,
    });
    await Promise.all([watch.run(signal), deposits.run(signal)]).finally(() => auditor.close());
  };
  const running = run().catch((thrown: unknown) => {
    if (!signal.aborted) options.onFault(PerigeeError.from(thrown));
  });
  return {
    get view() {
      return watch && deposits && { ...watch.view, deposits: deposits.view };
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** It is there, whole, after a power cut too. */
async function keepFalse(folder: string, opened: OpenedReceipt): Promise<void> {
  await writeNamedFile(join(folder, `${toHex(opened.receipt.checkpoint.body.orderId)}.pgrc`), encodeReceiptFile(opened));
  for (const one of [folder, dirname(folder)]) await syncFolder(one);
}
