/** Stored evidence judged by the command line. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_EVIDENCE_BYTES } from '@perigee/wire';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import stored from '../../../tests/vectors/evidence-encoding.json' with { type: 'json' };
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
    await verify.run([file, '--json', '--home', folder, ...words], { signal: new AbortController().signal, env: {} });
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
    for (const content of ['', 'PGE', '# a text\n', new Uint8Array(100)]) {
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
