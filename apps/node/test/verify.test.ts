/** Stored evidence judged by the command line. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGenesis, encodeGenesis } from '@perigee/chain';
import { developmentSimulation } from '@perigee/compute/evidence/simulated';
import { encodeBundle } from '@perigee/light-core/attest/bundle';
import { rootsOfDevelopment } from '@perigee/light-core/attest/development';
import { formatTrustRoot, timestampOfMs } from '@perigee/light-core/comet';
import { ed25519Signer } from '@perigee/light-core/tx';
import { ed25519Address, MAX_EVIDENCE_BYTES } from '@perigee/wire';
import { describe, expect, it, vi } from 'vitest';
import { intelBundle } from '../../../packages/compute/src/evidence/simulated/bundles.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { simulatedEvidence } from '../../../tests/kit/simulated-evidence.ts';
import stored from '../../../tests/vectors/evidence-encoding.json' with { type: 'json' };
import { collateralFolder } from '../src/collateral.ts';
import { verify } from '../src/commands/verify.ts';

const folder = temporaryFolder('verify');
const chain = join(folder, 'chain.json');
writeFileSync(chain, stored.trustRoot);
const evidence = Buffer.from(stored.file, 'hex');
const at = new Date(stored.now).toISOString();

function fileOf(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** What `perigee verify ... --json` prints. */
async function judge(file: string, ...words: string[]): Promise<Record<string, unknown>> {
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  try {
    await verify.run([file, '--json', ...(words.includes('--home') ? [] : ['--home', folder]), ...words], {
      signal: new AbortController().signal,
      env: {},
    });
  } finally {
    write.mockRestore();
  }
  return JSON.parse(printed) as Record<string, unknown>;
}

describe('perigee verify', () => {
  it('says what evidence proves, under a trust root or a named header', async () => {
    const file = fileOf('good', evidence);
    const finding = await judge(file, '--chain', chain, '--at', at);
    expect(finding).toMatchObject({ kind: 'badEncoding', signedStake: 1, chainId: 'local-558c4982' });
    const { chainId, height, headerHash } = JSON.parse(stored.trustRoot) as Record<string, string>;
    expect(await judge(file, '--trust', `${chainId}:${height}:${headerHash}`, '--at', at)).toEqual(finding);
  });

  it('refuses it when a byte is another, or the chain is', async () => {
    const changed = Uint8Array.from(evidence, (byte, i) => (i === evidence.length >> 1 ? byte ^ 1 : byte));
    await expect(judge(fileOf('changed', changed), '--chain', chain, '--at', at)).rejects.toMatchObject({ code: 'EVIDENCE' });
    const other = `other-00000000:1:${'ab'.repeat(32)}`;
    await expect(judge(fileOf('good', evidence), '--trust', other, '--at', at)).rejects.toMatchObject({ code: 'WRONG_CHAIN' });
    const years = '2036-01-01T00:00:00Z';
    await expect(judge(fileOf('good', evidence), '--chain', chain, '--at', years)).rejects.toMatchObject({
      code: 'TRUST_EXPIRED',
    });
  });

  it('knows no other file', async () => {
    for (const content of ['', 'PGE', '# a text\n', '{"a":1}', new Uint8Array(100), new Uint8Array(5 << 20)]) {
      await expect(judge(fileOf('other', content), '--chain', chain)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    }
    const long = new Uint8Array(MAX_EVIDENCE_BYTES + 1);
    long.set(evidence.subarray(0, 4));
    await expect(judge(fileOf('long', long), '--chain', chain)).rejects.toMatchObject({ code: 'EVIDENCE' });
    await expect(judge(folder, '--chain', chain)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(judge(join(folder, 'none'), '--chain', chain)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(judge(join(folder, 'pipe'), '--chain', chain)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('takes one thing to believe, and one time', async () => {
    const file = fileOf('good', evidence);
    await expect(judge(file, '--chain', chain, '--trust', 'x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(judge(file, '--chain', chain, '--at', 'yesterday')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('perigee verify of evidence of hardware', () => {
  const now = Date.UTC(2026, 10, 29);
  const time = new Date(now).toISOString();
  const simulation = developmentSimulation({ now: () => now });
  const { quote, bundle: both } = simulatedEvidence(simulation);
  const bundle = fileOf('bundle.json', both);

  /** A genesis, and the root of a chain that begins with it. */
  function genesisOf(name: string, development: boolean): { genesis: string; root: string } {
    const key = (byte: number) => new Uint8Array(32).fill(byte);
    const { publicKey } = ed25519Signer(key(1));
    const made = createGenesis({
      name,
      time: now,
      validators: [{ publicKey, power: 10 }],
      committee: [{ address: ed25519Address(publicKey), publicKey, stake: 1n }],
      accounts: [],
      development,
    });
    const { chainId } = made.initChain;
    const root = { chainId, genesisHash: made.genesisHash, height: 1, headerHash: key(2), time: timestampOfMs(now), peers: [] };
    return {
      genesis: fileOf(`${name}.bin`, encodeGenesis(made)),
      root: fileOf(`${name}.json`, formatTrustRoot(root)),
    };
  }

  it('passes simulated evidence for the genesis of a development chain alone, and calls it simulated', async () => {
    const { genesis, root } = genesisOf('dev', true);
    const verdict = await judge(bundle, '--at', time, '--genesis', genesis, '--chain', root);
    expect(verdict).toMatchObject({ status: 'simulated', overall: 'pass', imitates: 'hardware', judgedAt: time });
    expect(verdict).not.toHaveProperty('label');
    const production = genesisOf('prod', false);
    const refused = judge(bundle, '--at', time, '--genesis', production.genesis, '--chain', production.root);
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    // a genesis vouches for nothing without the root that names it
    const other = judge(bundle, '--at', time, '--genesis', genesis, '--chain', production.root);
    await expect(other).rejects.toMatchObject({ code: 'WRONG_CHAIN' });
  });

  it('does not pass it as real, with words and an exit that is no success', async () => {
    await expect(judge(bundle, '--at', time)).rejects.toMatchObject({ code: 'ATTESTATION', data: { check: 'ROOT' } });
  });

  it('takes collateral from a file beside it', async () => {
    const { genesis, root } = genesisOf('dev', true);
    const alone = fileOf('quote.bin', quote);
    const without = judge(alone, '--at', time, '--genesis', genesis, '--chain', root);
    await expect(without).rejects.toMatchObject({ code: 'ATTESTATION', data: { check: 'COLLATERAL_MISSING' } });
    const verdict = await judge(alone, '--at', time, '--genesis', genesis, '--chain', root, '--collateral', bundle);
    expect(verdict).toMatchObject({ status: 'simulated', overall: 'pass' });
  });

  it('takes collateral from its home, and none that is older than what was kept there', async () => {
    const { genesis, root } = genesisOf('dev', true);
    const home = join(folder, 'home');
    const kept = collateralFolder(home, rootsOfDevelopment({ development: true }), undefined, { now: () => now });
    const newer = simulation.intel('TDX', {
      tcbInfo: (info) => ({ ...info, tcbEvaluationDataNumber: info.tcbEvaluationDataNumber + 1 }),
    });
    await kept.keep('intel/tdx/ff7065726900/platform', encodeBundle(intelBundle('tdx', newer)));
    const alone = fileOf('quote.bin', quote);
    const words = ['--at', time, '--genesis', genesis, '--chain', root, '--home', home];
    expect(await judge(alone, ...words)).toMatchObject({ status: 'simulated', overall: 'pass' });
    await expect(judge(alone, ...words, '--collateral', bundle)).rejects.toMatchObject({ data: { check: 'ROLLBACK' } });
    // what is simulated has no say about what is real
    await expect(judge(alone, '--at', time, '--home', home)).rejects.toMatchObject({ data: { check: 'ROOT' } });
  });
});
