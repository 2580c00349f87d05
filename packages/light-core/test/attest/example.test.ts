import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startProcess, temporaryFolder } from '../../../../tests/kit/index.ts';
import { dcapCollateral, hasVectors, vector } from './intel/vectors.ts';

const at = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const read = (path: string) => readFileSync(at(path), 'utf8');

describe('the example of docs/attestation.md', () => {
  test('is the code that is run here', () => {
    const blocks = [...read('docs/attestation.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
    expect(blocks).toContain(read('packages/light-core/test/jobs/verify-quote.job.ts'));
  });

  test.skipIf(!hasVectors)('verifies a quote of a real processor at its time (../shared/vectors/tee/intel)', async () => {
    const folder = temporaryFolder('verify-quote');
    const { tcbInfo, tcbInfoChain, qeIdentity, qeIdentityChain, rootCrl, pckCrl } = dcapCollateral();
    const files = {
      quote: vector('dcap-qvl.tdx_quote'),
      'tcb-info.json': tcbInfo,
      'tcb-info-chain.pem': tcbInfoChain,
      'qe-identity.json': qeIdentity,
      'qe-identity-chain.pem': qeIdentityChain,
      'root.crl': rootCrl,
      'pck.crl': pckCrl,
    };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(`${folder}/${name}`, bytes);
    const env = {
      NODE_OPTIONS: `--import=${new URL('../../../../tests/kit/clock-hook.mjs', import.meta.url).href}`,
      PERIGEE_CLOCK_OFFSET_MS: String(Date.parse('2025-06-25T00:00:00Z') - Date.now()),
    };
    const child = startProcess(at('dist/test/jobs/verify-quote.job.js'), [`${folder}/quote`, folder], { env });
    expect(await child.exit, child.output()).toMatchObject({ code: 0 });
    const said = child.stdout();
    expect(said).toContain("pass pckChain: The processor of platform b0c06f000000 is one of Intel's.");
    expect(said).toContain('notChecked measurements: ');
    expect(said).toContain('real-pass pass {"intel/crl/');
  });
});
