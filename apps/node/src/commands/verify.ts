import { systemClock } from '@perigee/net';
import { EVIDENCE_MAGIC, PerigeeError } from '@perigee/wire';
import { defineCommand } from '../cli/command.ts';
import { openRegularFile } from '../files.ts';
import { LIGHT_HOME, TRUST_OPTIONS } from '../trust.ts';
import { checkBlobEvidenceSize, isBlobEvidence, judgeBlobEvidence } from '../verify/blob-evidence.ts';
import { checkHardwareEvidenceSize, judgeHardwareEvidence } from '../verify/hardware-evidence.ts';
import { checkReceiptSize, isReceiptFile, judgeReceiptFile } from '../verify/receipt.ts';

export const verify = defineCommand({
  name: 'verify',
  usage: 'FILE',
  summary:
    "judge a file, without a network: evidence against a blob's signers, the receipt of an answer, or evidence of trusted hardware",
  options: {
    chain: TRUST_OPTIONS.chain,
    trust: TRUST_OPTIONS.trust,
    at: {
      kind: 'text',
      value: 'TIME',
      help: 'judge as of this time, such as 2026-11-23T12:00:00Z (default now): later than the trusting period, keys may have leaked',
    },
    collateral: {
      kind: 'text',
      value: 'FILE',
      help: 'what the vendor of the hardware has signed: a bundle, or JSON as DCAP tools keep it (default what "collateral import" has kept)',
    },
    genesis: {
      kind: 'text',
      value: 'FILE',
      help: 'genesis of a development chain, the one of the trust root: judge evidence of hardware as simulated by its keys',
    },
  },
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, home = LIGHT_HOME }) {
    const [path] = positionals;
    if (path === undefined || positionals.length > 1)
      throw new PerigeeError('INVALID_ARGUMENT', 'name one file: perigee verify FILE');
    const timeMs = options.at === undefined ? systemClock.now() : readTime(options.at);
    const { chain, trust, collateral, genesis } = options;
    const { bytes, isBlobs } = await readFile(path);
    if (isReceiptFile(bytes)) await judgeReceiptFile(bytes, { home, chain, genesis, timeMs }, output);
    else if (isBlobs) await judgeBlobEvidence(bytes, { chain, trust, timeMs }, output);
    else await judgeHardwareEvidence(path, bytes, { home, collateral, genesis, chain, timeMs }, output);
  },
});

/** @throws INVALID_ARGUMENT */
function readTime(text: string): number {
  const time = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) return time;
  throw new PerigeeError('INVALID_ARGUMENT', `--at is "${text}"; a time is written as 2026-11-23T12:00:00Z`);
}

/** @throws NOT_FOUND, INVALID_ARGUMENT; EVIDENCE, PARSE, UNSUPPORTED for a file that is too long, of which no more than its beginning is read */
async function readFile(path: string): Promise<{ bytes: Uint8Array; isBlobs: boolean }> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    const first = new Uint8Array(EVIDENCE_MAGIC.length);
    await file.read(first, 0, first.length, 0);
    const isBlobs = isBlobEvidence(first);
    if (isReceiptFile(first)) checkReceiptSize(path, size);
    else if (isBlobs) checkBlobEvidenceSize(path, size);
    else checkHardwareEvidenceSize(path, size);
    // a position was given above, so this begins at the start
    return { bytes: new Uint8Array(await file.readFile()), isBlobs };
  } finally {
    await file.close();
  }
}
