import { parseTrustLink, parseTrustRoot } from '@perigee/light-core/comet';
import { type EvidenceFinding, type EvidenceOptions, verifyEvidence } from '@perigee/light-core/evidence';
import { bestEd25519 } from '@perigee/light-core/signature';
import { systemClock } from '@perigee/net';
import { EVIDENCE_MAGIC, equal, MAX_EVIDENCE_BYTES, PerigeeError, toHex } from '@perigee/wire';
import { loadCodec } from '@perigee/workers/codec';
import { defineCommand } from '../cli/command.ts';
import { openRegularFile } from '../files.ts';
import { LIGHT_HOME, readTrustRootFile, TRUST_OPTIONS } from '../trust.ts';

export const verify = defineCommand({
  name: 'verify',
  usage: 'FILE',
  summary: 'judge a file of evidence, without a network',
  options: {
    chain: TRUST_OPTIONS.chain,
    trust: TRUST_OPTIONS.trust,
    at: {
      kind: 'text',
      value: 'TIME',
      help: 'judge as of this time, such as 2026-11-23T12:00:00Z (default now): later than the trusting period, keys may have leaked',
    },
  },
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output }) {
    const [path] = positionals;
    if (path === undefined || positionals.length > 1)
      throw new PerigeeError('INVALID_ARGUMENT', 'name one file: perigee verify FILE');
    const now = options.at === undefined ? systemClock.now() : readTime(options.at);
    const file = await readEvidence(path);
    const trustRoot = await anchorOf(options);
    const finding = await verifyEvidence(file, {
      trustRoot,
      now,
      verifyEd25519: bestEd25519(crypto.subtle),
      codec: await loadCodec(),
    });
    output.result(plainFinding(finding), findingLines(finding));
  },
});

/** @throws INVALID_ARGUMENT */
function readTime(text: string): number {
  const time = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) return time;
  throw new PerigeeError('INVALID_ARGUMENT', `--at is "${text}"; a time is written as 2026-11-23T12:00:00Z`);
}

async function anchorOf({
  chain,
  trust,
}: {
  chain: string | undefined;
  trust: string | undefined;
}): Promise<EvidenceOptions<{ free(): void }>['trustRoot']> {
  if (trust === undefined) return parseTrustRoot(await readTrustRootFile(chain));
  if (chain === undefined) return parseTrustLink(trust);
  throw new PerigeeError('INVALID_ARGUMENT', '--trust and --chain both say what to believe: name one of them');
}

/** @throws NOT_FOUND, INVALID_ARGUMENT, UNSUPPORTED for a file of another kind, of which no more than its beginning is read */
async function readEvidence(path: string): Promise<Uint8Array> {
  const file = await openRegularFile(path);
  try {
    const found = await file.stat();
    const first = new Uint8Array(EVIDENCE_MAGIC.length);
    await file.read(first, 0, first.length, 0);
    if (!equal(first, EVIDENCE_MAGIC)) {
      throw new PerigeeError('UNSUPPORTED', `${path} is unknown: it is no file of evidence, which begins with "PGEV"`);
    }
    if (found.size > MAX_EVIDENCE_BYTES) {
      throw new PerigeeError('EVIDENCE', `${path} has ${found.size} bytes; evidence has at most ${MAX_EVIDENCE_BYTES}`);
    }
    // a position was given above, so this begins at the start
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

function plainFinding({ kind, blobId, chainId, height, signers, signedStake, foundAt }: EvidenceFinding): object {
  return {
    kind,
    blobId: toHex(blobId),
    chainId,
    height,
    signers: signers.map(({ address, stake }) => ({ address: toHex(address), stake: `${stake}` })),
    signedStake,
    foundAt,
  };
}

function findingLines({ kind, blobId, chainId, height, signers, signedStake, foundAt }: EvidenceFinding): string[] {
  const what =
    kind === 'badEncoding'
      ? 'a row that the commitment holds is not the one that the coding gives'
      : 'the commitment holds another row root than the one that was certified';
  return [
    `holds    ${kind}: ${what}`,
    `blob     ${toHex(blobId)}, recorded at height ${height} of ${chainId}`,
    `signed by ${signers.length} keys with ${(100 * signedStake).toFixed(1)} % of the stake:`,
    ...signers.map(({ address, stake }) => `         ${toHex(address)} (${stake})`),
    `found    ${new Date(foundAt).toISOString()}, as its finder says`,
  ];
}
