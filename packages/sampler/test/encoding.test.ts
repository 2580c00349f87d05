/** Blobs that are wrong in themselves, certified by members that never checked them, and passed on by peers that did nothing wrong. */
import { writeFileSync } from 'node:fs';
import { parseTrustRoot, type TrustRoot, unixMs } from '@perigee/light-core/comet';
import { verifyEvidence } from '@perigee/light-core/evidence';
import { bestEd25519 } from '@perigee/light-core/signature';
import { type HeaderAnswer, type HeadersRequest, PerigeeError, toHex } from '@perigee/wire';
import { loadCodec } from '@perigee/workers/codec';
import { describe, expect, it } from 'vitest';
import { eachAnswer, flipped, type RowLie, startChainLiar, startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { headerOf, type LocalNetwork, termsOf } from '../../../tests/kit/local-network.ts';
import type { LightNode } from '../src/index.ts';
import { badlyCoded, colludeOn } from './bad-encoding.ts';
import { networkOfFile, peerOf, ready, testLight, until, verdicts, withLiar } from './light.ts';

const file = networkOfFile();

const banned = (node: LightNode) => node.state.peers.filter((peer) => peer.banned !== undefined);

/** Judges the node's only evidence as a stranger does, from the trust root alone. */
async function judge(network: LocalNetwork, node: LightNode) {
  const [view] = node.state.evidence;
  if (view === undefined) throw new Error('the node has no evidence');
  const bytes = await node.evidence(view.id);
  expect(bytes.length).toBe(view.bytes);
  const trustRoot: TrustRoot = parseTrustRoot(network.trustRoot());
  const codec = await loadCodec();
  const options = { trustRoot, now: Date.now(), verifyEd25519: bestEd25519(crypto.subtle), codec };
  return { bytes, finding: await verifyEvidence(bytes, options) };
}

/** PERIGEE_WRITE_FIXTURES=1 stores evidence for the tests of light-core. */
function store(name: string, network: LocalNetwork, bytes: Uint8Array): void {
  if (process.env.PERIGEE_WRITE_FIXTURES !== '1') return;
  const { chain } = network;
  const stored = {
    source: 'a network of packages/sampler/test/encoding.test.ts, written by this project',
    trustRoot: network.trustRoot([]),
    now: unixMs(headerOf(chain, chain.latest().height).time) + 1_000,
    file: toHex(bytes),
  };
  writeFileSync(new URL(`../../../tests/vectors/${name}.json`, import.meta.url), `${JSON.stringify(stored, null, 2)}\n`);
}

describe.each([2, 4] as const)('at %i×', (redundancy) => {
  it('rows that are committed to and wrongly coded convict the blob, not who relays them', async () => {
    const { network } = file;
    const blob = await badlyCoded(redundancy, redundancy);
    await colludeOn(network, blob);
    const key = await network.certify(termsOf(blob, blob.length));
    const node = await ready(await testLight(network, [network.chainHost]));
    const view = await node.sample(key);
    for (const { index, verdict } of view.rows) expect(verdict).toBe(index < blob.k ? 'verified' : 'invalid/encoding');
    expect(verdicts(view.rows)['invalid/encoding']).toBeGreaterThan(0);
    expect(view).toMatchObject({
      phase: 'done',
      outcome: 'badEncoding',
      evidenceId: key,
      confidence: { encodingBits: 0, rounds: 1 },
    });
    expect(banned(node)).toEqual([]);
    expect(node.state.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['sampling', 'row', 'evidence', 'outcome']));

    const { bytes, finding } = await judge(network, node);
    expect(finding).toMatchObject({ kind: 'badEncoding', chainId: network.chain.chainId, signedStake: 1 });
    expect(toHex(finding.blobId)).toBe(key);
    expect(finding.signers.map(({ address }) => toHex(address)).sort()).toEqual(
      network.members.map(({ address }) => toHex(address)).sort(),
    );
    if (redundancy === 4) store('evidence-encoding', network, bytes);
  });
});

it('a commitment with another row root than the record convicts the signers', async () => {
  const { network } = file;
  const blob = await badlyCoded(3);
  await colludeOn(network, blob);
  const key = await network.certify({ ...termsOf(blob, blob.length), rowRoot: flipped(blob.rowRoot) });
  const node = await ready(await testLight(network, [network.chainHost]));
  expect(await codeOfPromise(node.sample(key))).toBe('ROW_ROOT_MISMATCH');
  const failed = { phase: 'failed', verified: 0, outcome: 'badEncoding', evidenceId: key, error: { code: 'ROW_ROOT_MISMATCH' } };
  expect(node.state.blobs).toMatchObject([failed]);
  expect(banned(node)).toEqual([]);
  const { bytes, finding } = await judge(network, node);
  expect(finding).toMatchObject({ kind: 'badRowRoot', signedStake: 1 });
  store('evidence-row-root', network, bytes);
});

it('a peer that gives a false header keeps nobody from evidence, and nobody else is blamed for it', async () => {
  const { network } = file;
  const blob = await badlyCoded(5);
  await colludeOn(network, blob);
  const key = await network.certify(termsOf(blob, blob.length));
  let isLying = false;
  const headers = eachAnswer<HeadersRequest, HeaderAnswer>((answer, { height }) => {
    const { signedHeader, ...block } = answer.block;
    if (!isLying || height !== 1 || signedHeader?.header === undefined) return answer;
    const header = { ...signedHeader.header, appHash: flipped(signedHeader.header.appHash) };
    return { ...answer, block: { ...block, signedHeader: { ...signedHeader, header } } };
  });
  const liar = await withLiar(startChainLiar(network, { headers }));
  const node = await ready(await testLight(network, [liar.host, network.chainHost]));
  await until(node, () => peerOf(node, network.chainHost)?.connected === true && peerOf(node, liar.host)?.connected === true);
  isLying = true; // the root was asked for before: only who collects evidence asks for it again
  expect(await node.sample(key)).toMatchObject({ outcome: 'badEncoding', evidenceId: key });
  expect((await judge(network, node)).finding.kind).toBe('badEncoding');
  // on a busy machine the other may have been faster, and the liar not heard
  for (const { peerId } of banned(node)) expect(peerId).toBe(liar.host.peerId);
});

it('a peer that says that the row root is another convicts nobody', async () => {
  const { network, key } = file;
  const rows: RowLie = (honest) => (request, context) => {
    if (request.prime) throw new PerigeeError('ROW_ROOT_MISMATCH', 'believe me');
    return honest(request, context);
  };
  for (const place of [0, 1, 2]) await withLiar(startMemberLiar(network, network.member(place), { rows }));
  const node = await ready(await testLight(network, [network.chainHost]));
  expect(await node.sample(key)).toMatchObject({ outcome: 'available', evidenceId: undefined, verified: 20 });
  expect(banned(node)).toEqual([]);
});
