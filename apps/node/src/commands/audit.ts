import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ownWeights } from '@perigee/compute/engines/own-weights';
import { auditRateFor, auditsFor, detectionOf } from '@perigee/light-core/audit';
import { ChainView } from '@perigee/light-core/da';
import { decodeReceiptFile } from '@perigee/light-core/receipt';
import { auditKey } from '@perigee/light-core/registration';
import { bestEd25519 } from '@perigee/light-core/signature';
import { STORE } from '@perigee/light-core/state';
import { fileTreeOf } from '@perigee/light-core/storage';
import { cryptoRandomBytes } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import { type AuditFinding, type AuditOutcome, Auditor, isDrawn } from '@perigee/sampler/audit';
import { AUDIT_VERDICT, type ComputeReport, equal, MAX_RECEIPT_BYTES, PerigeeError, toHex } from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';
import type { OptionSpecs } from '../cli/args.ts';
import { defineCommand } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import { accountKeyOf } from '../compute/payer.ts';
import { makeFolder, openRegularFile, readFileOf } from '../files.ts';
import { withLightNode } from '../light.ts';
import { roleSender } from '../roles/role-sender.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';
import { txAccount } from '../tx/account.ts';

const OPTIONS = {
  ...TRUST_OPTIONS,
  rate: {
    kind: 'number',
    range: [0, 1],
    help: 'chance, 0 to 1, with which each receipt is executed again: drawn anew each time (default 1, all of them)',
  },
  weights: {
    kind: 'list',
    value: 'FILE',
    help: 'weights of a model that answered, beside our own; may be given again',
  },
  report: {
    kind: 'text',
    value: 'WHAT',
    oneOf: ['all', 'false', 'none'],
    help: 'what is said on the chain, for a deposit: all, only what is false, or nothing (default all)',
  },
  withdraw: {
    kind: 'flag',
    help: 'take reports of these receipts back, and their deposits, when their time is over; executes nothing',
  },
  key: {
    kind: 'text',
    value: 'NAME|FILE',
    help: 'key of the account that reports (default: account.key in the home, made at the first use)',
  },
} as const satisfies OptionSpecs;

/** Of whom it is said how likely it is to be found: a liar in so many answers, and how sure one wants to be. */
const LIES = 0.01;
const DETECTION = 0.99;
const RECEIPT_NAME = '.pgrc';

export const audit = defineCommand({
  name: 'audit',
  usage: 'FILE|FOLDER…',
  summary:
    'execute answers again whose receipts were made public, or your own, find what the model does not give, and say so on the chain',
  options: OPTIONS,
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal, home = LIGHT_HOME }) {
    if (positionals.length === 0) {
      throw new PerigeeError('INVALID_ARGUMENT', 'name receipts, or folders of them (*.pgrc): perigee audit FILE|FOLDER');
    }
    const files = await receiptsIn(positionals);
    const rate = options.rate ?? 1;
    const weights = await Promise.all(
      options.weights.map(async (path) => new Uint8Array(await readFileOf(path, 'the weights (--weights)'))),
    );
    const trust = await readTrust(options);
    await makeFolder(home);
    await withLightNode({ ...trust, follow: false, workers: 1 }, signal, async (node) => {
      const report = await reporterOf(node, { home, key: options.key, output });
      if (options.withdraw) {
        await withdrawAll(files, report, output, signal);
        return;
      }
      const auditor = new Auditor({
        state: node.chain,
        weights: await weightsAmong([await ownWeights(), ...weights]),
        random: cryptoRandomBytes,
        verifyEd25519: bestEd25519(crypto.subtle),
      });
      try {
        const counts: Record<AuditOutcome, number> = { ...NONE };
        for (const path of files) {
          const found = await look(path, rate, auditor, signal);
          counts[found.outcome]++;
          const isFalse = found.outcome === 'fraud' || found.outcome === 'overcount';
          const says = options.report ?? 'all';
          const reported = says === 'all' || (says === 'false' && isFalse) ? await report.send(found, signal) : undefined;
          show(path, found, reported, output);
        }
        conclude(counts, { rate, receipts: files.length }, output);
      } finally {
        await auditor.close();
      }
    });
  },
});

const NONE: Readonly<Record<AuditOutcome, number>> = {
  agreement: 0,
  fraud: 0,
  overcount: 0,
  invalid: 0,
  notAuditable: 0,
  undecided: 0,
  notDrawn: 0,
};

/** What was found of a file; `opened` is missing where it is no receipt. */
type Found = Omit<AuditFinding, 'opened'> & Partial<Pick<AuditFinding, 'opened'>>;

async function look(path: string, rate: number, auditor: Auditor, signal: AbortSignal): Promise<Found> {
  // before anything of it is read
  if (!isDrawn(rate, cryptoRandomBytes)) return { outcome: 'notDrawn', reason: 'The draw left it out.' };
  try {
    return await auditor.audit(decodeReceiptFile(await readReceipt(path)), { signal });
  } catch (thrown) {
    const { code, message } = PerigeeError.from(thrown);
    if (code !== 'PARSE' && code !== 'NOT_CANONICAL' && code !== 'UNKNOWN_VERSION') throw thrown;
    return { outcome: 'invalid', reason: message, check: code };
  }
}

async function readReceipt(path: string): Promise<Uint8Array> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size > MAX_RECEIPT_BYTES)
      throw new PerigeeError('PARSE', `it has ${size} bytes; a receipt has at most ${MAX_RECEIPT_BYTES}`);
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

/** Files as they are named, and those of named folders by their names. @throws NOT_FOUND */
async function receiptsIn(paths: readonly string[]): Promise<string[]> {
  const out = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch((cause: unknown) => {
        throw new PerigeeError('NOT_FOUND', `${path} cannot be found`, { cause });
      });
      if (!found.isDirectory()) return [path];
      return (await readdir(path))
        .filter((name) => name.endsWith(RECEIPT_NAME))
        .sort()
        .map((name) => join(path, name));
    }),
  );
  return out.flat();
}

/** Of files that are here, the one with a root. */
async function weightsAmong(files: readonly Uint8Array[]): Promise<(modelRoot: Uint8Array) => Promise<Uint8Array | undefined>> {
  const hasher = await loadFileHasher();
  const known = files.map((file) => ({ file, root: fileTreeOf(file, hasher).root }));
  return async (modelRoot) => known.find(({ root }) => equal(root, modelRoot))?.file;
}

interface Reporter {
  /** @returns what became of it, in words; `undefined` where there is nothing to say */
  send(found: Found, signal: AbortSignal): Promise<string | undefined>;
  withdraw(receipt: ComputeReport['receipt'], signal: AbortSignal): Promise<string>;
}

async function reporterOf(
  node: LightNode,
  { home, key, output }: { readonly home: string; readonly key: string | undefined; readonly output: Output },
): Promise<Reporter> {
  const account = txAccount(await accountKeyOf(home, key));
  const view = new ChainView(node.chain);
  const { genesisHash, appState } = await view.facts();
  const sender = roleSender(
    {
      chainId: view.head().chainId,
      genesisHash,
      state: node.chain,
      transactions: node.transactions,
      ...(appState.development && { requestFunds: (address, signal) => node.requestFunds(address, { signal }) }),
    },
    account,
    () => output.progress('the faucet gave to the account that reports'),
  );
  const isSaid = async (orderId: Uint8Array, signal: AbortSignal): Promise<boolean> =>
    (await node.chain.get(STORE.compute, auditKey(orderId, account.address), { signal })) !== undefined;
  return {
    async send({ report }, signal) {
      if (report === undefined) return undefined;
      if (await isSaid(report.receipt.checkpoint.body.orderId, signal)) return 'reported before';
      await sender({ computeReport: report }, signal);
      return 'reported';
    },
    async withdraw(receipt, signal) {
      const { orderId, runningHash } = receipt.checkpoint.body;
      if (!(await isSaid(orderId, signal))) return 'not reported by this account';
      await sender({ computeReport: { receipt, verdict: AUDIT_VERDICT.withdrawn, ownHash: runningHash } }, signal);
      return 'withdrawn';
    },
  };
}

async function withdrawAll(files: readonly string[], report: Reporter, output: Output, signal: AbortSignal): Promise<void> {
  for (const file of files) {
    const { receipt } = decodeReceiptFile(await readReceipt(file));
    const words = await report.withdraw(receipt, signal);
    output.result({ file, result: words }, [`${words}  ${file}`]);
  }
}

function show(path: string, { outcome, reason, check, opened }: Found, reported: string | undefined, output: Output): void {
  const body = opened?.receipt.checkpoint.body;
  output.result(
    {
      file: path,
      outcome,
      reason,
      ...(check !== undefined && { check }),
      ...(opened && {
        order: toHex(opened.receipt.checkpoint.body.orderId),
        provider: toHex(opened.receipt.order.body.provider),
      }),
      ...(body && { sequence: body.sequence }),
      ...(reported !== undefined && { reported }),
    },
    [`${outcome.padEnd(12)} ${path}  ${reason}${reported === undefined ? '' : ` (${reported})`}`],
  );
}

/** @throws RECEIPT when an answer was false */
function conclude(
  counts: Readonly<Record<AuditOutcome, number>>,
  { rate, receipts }: { readonly rate: number; readonly receipts: number },
  output: Output,
): void {
  const executed = counts.agreement + counts.fraud + counts.overcount;
  const falseAnswers = counts.fraud + counts.overcount;
  const found = receipts === 0 ? 0 : detectionOf({ rate, lies: LIES, receipts });
  const due = receipts === 0 ? undefined : auditRateFor({ detection: DETECTION, lies: LIES, receipts });
  const needed = auditsFor({ detection: DETECTION, lies: LIES });
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  output.result({ ...counts, receipts, executed, rate, detection: found, rateFor99: due ?? null, executionsFor99: needed }, [
    `executed     ${executed} of ${receipts}: ${falseAnswers} false`,
    `finds        who lies in ${percent(LIES)} of so many answers with ${percent(found)} at a rate of ${rate}`,
    due === undefined
      ? `for ${percent(DETECTION)}   ${needed} must be executed, more than there are`
      : `for ${percent(DETECTION)}   a rate of ${due.toFixed(4)} is due, ${needed} in all`,
  ]);
  if (falseAnswers === 0) return;
  throw new PerigeeError('RECEIPT', `${falseAnswers} of ${executed} answers are not what the model gives`, {
    data: { check: 'audit', false: falseAnswers },
  });
}
