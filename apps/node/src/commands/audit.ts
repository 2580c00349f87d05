import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { auditRateFor, auditsFor, detectionOf } from '@perigee/light-core/audit';
import { decodeReceiptFile } from '@perigee/light-core/receipt';
import { bestEd25519 } from '@perigee/light-core/signature';
import { cryptoRandomBytes } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import {
  type AuditFinding,
  type AuditOutcome,
  Auditor,
  isDrawn,
  type ReportAgainst,
  reportsAgainst,
  wholeBlob,
} from '@perigee/sampler/audit';
import { equal, fromHex, MAX_RECEIPT_BYTES, PerigeeError, SIGNER_SCHEME, type SignerKey, toHex } from '@perigee/wire';
import { type AuditReports, auditReports } from '../audits/reports.ts';
import { weightsAmong } from '../audits/weights.ts';
import type { OptionSpecs } from '../cli/args.ts';
import { defineCommand } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import { makeFolder, openRegularFile } from '../files.ts';
import { KEY_OPTION } from '../keyring.ts';
import { withLightNode } from '../light.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';

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
    help: 'what is said on the chain, for a deposit: all, only what is false, or nothing (default all; with --against nothing)',
  },
  against: {
    kind: 'text',
    value: 'KEY',
    help: 'look into what was reported against this key of a provider: fetch the answers that are public still, and execute them again; says nothing on the chain unless --report is given',
  },
  withdraw: {
    kind: 'flag',
    help: 'take reports of these receipts back, and their deposits, when their time is over; executes nothing',
  },
  key: KEY_OPTION,
} as const satisfies OptionSpecs;

/** Of whom it is said how likely it is to be found: a liar in so many answers, and how sure one wants to be. */
const LIES = 0.01;
const DETECTION = 0.99;
const RECEIPT_NAME = '.pgrc';

export const audit = defineCommand({
  name: 'audit',
  usage: 'FILE|FOLDER…|--against KEY',
  summary:
    'execute answers again whose receipts were made public, or your own, find what the model does not give, and say so on the chain',
  options: OPTIONS,
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal, home = LIGHT_HOME }) {
    const against = options.against === undefined ? undefined : signerOf(options.against);
    if ((positionals.length === 0) === (against === undefined)) {
      const words =
        'name receipts, or folders of them (*.pgrc), or the key of a provider: perigee audit FILE|FOLDER or --against KEY';
      throw new PerigeeError('INVALID_ARGUMENT', words);
    }
    const files = await receiptsIn(positionals);
    const rate = options.rate ?? 1;
    const weights = await weightsAmong(options.weights);
    const trust = await readTrust(options);
    await makeFolder(home);
    await withLightNode({ ...trust, follow: false, workers: 1 }, signal, async (node) => {
      const reports = await auditReports(node, {
        home,
        key: options.key,
        onFunded: () => output.progress('the faucet gave to the account that reports'),
        signal,
      });
      if (options.withdraw) {
        await withdrawAll(files, reports, output, signal);
        return;
      }
      const auditor = new Auditor({
        state: node.chain,
        weights,
        verifyEd25519: bestEd25519(crypto.subtle),
      });
      try {
        const counts: Record<Found['outcome'], number> = { ...NONE };
        const note = async (name: string, found: Found, says: string): Promise<void> => {
          counts[found.outcome]++;
          const isFalse = found.outcome === 'fraud' || found.outcome === 'overcount';
          const reported = says === 'all' || (says === 'false' && isFalse) ? await sayOnce(found, reports, signal) : undefined;
          show(name, found, reported, output);
        };
        const claims = against === undefined ? [] : await reportsAgainst(against, { state: node.chain, signal });
        if (against !== undefined && claims.length === 0) output.progress('no auditor has reported a false answer of this key');
        for (const claim of claims) {
          await note(
            `reported by ${toHex(claim.auditor)}`,
            await lookInto(claim, node, auditor, signal),
            options.report ?? 'none',
          );
        }
        for (const path of files) await note(path, await look(path, rate, auditor, signal), options.report ?? 'all');
        conclude(counts, { rate, receipts: files.length + claims.length }, output);
      } finally {
        await auditor.close();
      }
    });
  },
});

const NONE: Readonly<Record<Found['outcome'], number>> = {
  agreement: 0,
  fraud: 0,
  overcount: 0,
  invalid: 0,
  notAuditable: 0,
  undecided: 0,
  notDrawn: 0,
};

/** What was found of a file; `opened` is missing where it is no receipt. */
interface Found extends Omit<AuditFinding, 'opened' | 'outcome'>, Partial<Pick<AuditFinding, 'opened'>> {
  /** `notDrawn`: the draw left it out. */
  readonly outcome: AuditOutcome | 'notDrawn';
}

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

/** What comes of a report: whether the answer that it calls false is. */
async function lookInto(
  { orderId, record }: ReportAgainst,
  node: LightNode,
  auditor: Auditor,
  signal: AbortSignal,
): Promise<Found> {
  const { blobId, height } = record;
  if (blobId === undefined) {
    const reason = `What opens the answer is in block ${height}, and in no blob.`;
    return { outcome: 'undecided', reason, check: 'NOT_FOUND' };
  }
  try {
    const opened = decodeReceiptFile(await wholeBlob(node, toHex(blobId), { signal }));
    if (!equal(opened.receipt.checkpoint.body.orderId, orderId)) {
      return { outcome: 'invalid', reason: 'The report names the blob of another answer.', check: 'order' };
    }
    return await auditor.audit(opened, { signal, blobId });
  } catch (thrown) {
    const { code, message } = PerigeeError.from(thrown);
    if (signal.aborted) throw thrown;
    return { outcome: 'undecided', reason: message, check: code };
  }
}

/** @throws INVALID_ARGUMENT */
function signerOf(words: string): SignerKey {
  const digits = words.replace(/^0x/, '').toLowerCase();
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(digits)) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `--against is "${words.slice(0, 80)}"; a key of a provider has 40 or 64 hexadecimal digits`,
    );
  }
  const key = fromHex(digits);
  return { scheme: key.length === 20 ? SIGNER_SCHEME.secp256k1 : SIGNER_SCHEME.ed25519, key };
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

/** Says what was found, once an order. @returns what became of it, in words; `undefined` where there is nothing to say */
async function sayOnce({ report }: Found, reports: AuditReports, signal: AbortSignal): Promise<string | undefined> {
  if (report === undefined) return undefined;
  if (await reports.isSaid(report.receipt.checkpoint.body.orderId, signal)) return 'reported before';
  await reports.send(report, signal);
  return 'reported';
}

async function withdrawAll(files: readonly string[], reports: AuditReports, output: Output, signal: AbortSignal): Promise<void> {
  for (const file of files) {
    const { receipt } = decodeReceiptFile(await readReceipt(file));
    const words = (await reports.withdraw(receipt, signal)) ? 'withdrawn' : 'not reported by this account';
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
  counts: Readonly<Record<Found['outcome'], number>>,
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
    ...(receipts === 0
      ? []
      : [
          `finds        with a chance of ${percent(found)} a provider that lies in ${percent(LIES)} of its answers`,
          due === undefined
            ? `for ${percent(DETECTION)}   ${needed} answers must be executed, more than there are`
            : `for ${percent(DETECTION)}   a rate of ${due.toFixed(4)} is due, ${needed} answers in all`,
        ]),
  ]);
  if (falseAnswers === 0) return;
  throw new PerigeeError('RECEIPT', `${falseAnswers} of ${executed} answers are not what the model gives`, {
    data: { check: 'audit', false: falseAnswers },
  });
}
