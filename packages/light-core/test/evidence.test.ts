/** Stored evidence, written by the light node's own tests, judged as a stranger does. */
import { sha256 } from '@noble/hashes/sha2.js';
import { parseTrustRoot } from '@perigee/light-core/comet';
import { decodeEvidence, encodeEvidence, verifyEvidence } from '@perigee/light-core/evidence';
import { bestEd25519 } from '@perigee/light-core/signature';
import { concat, EVIDENCE_MAGIC, Evidence, fromHex, MAX_EVIDENCE_BYTES, PerigeeError } from '@perigee/wire';
import { loadCodec } from '@perigee/workers/codec';
import { describe, expect, it, onTestFailed } from 'vitest';
import { randomOf } from '../../../tests/kit/random.ts';
import encoding from '../../../tests/vectors/evidence-encoding.json' with { type: 'json' };
import rowRoot from '../../../tests/vectors/evidence-row-root.json' with { type: 'json' };

const LONG = process.env.PERIGEE_LONG === '1';
const verifyEd25519 = bestEd25519(globalThis.crypto.subtle);
type Stored = typeof encoding;

async function judge(stored: Stored, file: Uint8Array = fromHex(stored.file), change: { now?: number; trustRoot?: string } = {}) {
  const { now = stored.now, trustRoot = stored.trustRoot } = change;
  const codec = await loadCodec();
  return verifyEvidence(file, { trustRoot: parseTrustRoot(trustRoot), now, verifyEd25519, codec });
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'accepted',
    (error) => PerigeeError.from(error).code,
  );
}

/** The file with a checksum that fits: what is left to stand against a change is what the file says. */
const sealed = (body: Uint8Array): Uint8Array => concat(EVIDENCE_MAGIC, sha256(body), body);
const bodyOf = (file: Uint8Array): Uint8Array => file.slice(36);

const each: [string, Stored, string][] = [
  ['a wrongly coded row', encoding, 'badEncoding'],
  ['another row root', rowRoot, 'badRowRoot'],
];

describe.each(each)('%s', (_what, stored, kind) => {
  it('convicts its signers', async () => {
    const finding = await judge(stored);
    expect(finding).toMatchObject({ kind, chainId: parseTrustRoot(stored.trustRoot).chainId, signedStake: 1 });
    expect(finding.signers).toHaveLength(4);
    expect(finding.foundAt).toBeGreaterThan(0);
  });

  it('is written as it was read', () => {
    const file = fromHex(stored.file);
    expect(encodeEvidence(decodeEvidence(file))).toEqual(file);
  });

  it('a byte changed anywhere: refused as damaged', async () => {
    const random = randomOf(onTestFailed);
    const file = fromHex(stored.file);
    for (let i = 0; i < 200; i++) {
      const changed = file.slice();
      const at = i < EVIDENCE_MAGIC.length ? i : random.below(file.length);
      changed[at] = (changed[at] ?? 0) ^ random.between(1, 255);
      expect(await refusal(judge(stored, changed))).toBe('EVIDENCE');
    }
  });

  it('a byte changed anywhere, and the checksum with it: refused, but where it only says when it was found', async () => {
    const random = randomOf(onTestFailed);
    const body = bodyOf(fromHex(stored.file));
    const honest = { ...Evidence.decode(body), foundAt: 0 };
    const places = LONG ? Array.from({ length: body.length }, (_, at) => at) : random.shuffled([...body.keys()]).slice(0, 150);
    for (const at of places) {
      const changed = body.slice();
      changed[at] = (changed[at] ?? 0) ^ random.between(1, 255);
      const code = await refusal(judge(stored, sealed(changed)));
      if (code !== 'accepted') continue;
      expect({ ...Evidence.decode(changed), foundAt: 0 }, `byte ${at}`).toEqual(honest);
    }
  }, 1_200_000);

  it.each<[string, (evidence: Evidence) => Evidence, string]>([
    ['no headers', (e) => ({ ...e, headers: [] }), 'EVIDENCE'],
    ['only the last header', (e) => ({ ...e, headers: e.headers.slice(-1) }), 'TRUST_ROOT'],
    ['only the first header', (e) => ({ ...e, headers: e.headers.slice(0, 1) }), 'PROOF'],
    ['headers twice', (e) => ({ ...e, headers: [...e.headers, ...e.headers.slice(-1)] }), 'HEADER'],
    ['another chain', (e) => ({ ...e, chainId: 'other-00000000' }), 'WRONG_CHAIN'],
    [
      'another genesis',
      (e) => ({ ...e, genesisHash: e.genesisHash.map((byte, i) => (i === 31 ? byte ^ 1 : byte)) }),
      'WRONG_CHAIN',
    ],
    ['another blob', (e) => ({ ...e, blobId: e.blobId.map((byte, i) => (i === 32 ? byte ^ 1 : byte)) }), 'PROOF'],
    ['a smaller committee', (e) => ({ ...e, committee: { members: e.committee.members.slice(1) } }), 'COMMITTEE'],
    ['a version that is to come', (e) => ({ ...e, version: 1 }), 'UNKNOWN_VERSION'],
    [
      'another prime',
      (e) => ({ ...e, prime: { ...e.prime, rlcOriginal: e.prime.rlcOriginal.slice().fill(1) } }),
      'COMMITMENT_MISMATCH',
    ],
    [
      'priorities that nothing covers',
      (e) => ({
        ...e,
        headers: e.headers.map((header) => ({
          ...header,
          block: {
            ...header.block,
            validatorSet: header.block.validatorSet && {
              ...header.block.validatorSet,
              validators: header.block.validatorSet.validators.map((validator) => ({ ...validator, proposerPriority: 7n })),
            },
          },
        })),
      }),
      'EVIDENCE',
    ],
  ])('%s: refused', async (_change, change, code) => {
    const evidence = decodeEvidence(fromHex(stored.file));
    expect(await refusal(judge(stored, encodeEvidence(change(evidence))))).toBe(code);
  });

  it('under another trust root, or past its time: refused', async () => {
    const root = JSON.parse(stored.trustRoot) as Record<string, unknown>;
    const headerHash = '11'.repeat(32);
    expect(await refusal(judge(stored, undefined, { trustRoot: JSON.stringify({ ...root, headerHash }) }))).toBe('TRUST_ROOT');
    expect(await refusal(judge(stored, undefined, { now: stored.now + 10 * 365 * 86_400_000 }))).toBe('TRUST_EXPIRED');
    expect(await refusal(judge(stored, undefined, { now: stored.now - 86_400_000 }))).toBe('HEADER_FUTURE');
  });
});

it('a row that is coded as it should be convicts nobody', async () => {
  const evidence = decodeEvidence(fromHex(encoding.file));
  const codec = await loadCodec();
  const fine = { ...codec, verifyRow: () => {} };
  const options = { trustRoot: parseTrustRoot(encoding.trustRoot), now: encoding.now, verifyEd25519, codec: fine };
  expect(await refusal(verifyEvidence(encodeEvidence(evidence), options))).toBe('EVIDENCE');
  const { row: _row, ...without } = evidence;
  expect(await refusal(judge(encoding, encodeEvidence(without)))).toBe('EVIDENCE');
});

it('a row beside another row root convicts nobody twice', async () => {
  const { row } = decodeEvidence(fromHex(encoding.file));
  const evidence = decodeEvidence(fromHex(rowRoot.file));
  expect(await refusal(judge(rowRoot, encodeEvidence({ ...evidence, ...(row === undefined ? {} : { row }) })))).toBe('EVIDENCE');
});

it.each([
  ['nothing', new Uint8Array(0)],
  ['the name alone', EVIDENCE_MAGIC],
  ['more than a file may hold', new Uint8Array(MAX_EVIDENCE_BYTES + 1)],
])('%s is no evidence', async (_what, bytes) => {
  expect(await refusal(judge(encoding, bytes))).toBe('EVIDENCE');
});

it('what is not canonical is refused', async () => {
  const body = bodyOf(fromHex(encoding.file));
  expect(await refusal(judge(encoding, sealed(concat(body, Uint8Array.of(0xf8, 0x07, 0x01)))))).toBe('NOT_CANONICAL');
});
