/** Two of Phala's verifiers judge the same inputs: one takes whatever stands for a revocation list, the other agrees with ours. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { toHex } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import { verifyEvidence, webCryptoAttest } from '../../../src/attest/index.ts';
import { dcapCollateral, dcapParts, hasVectors, vector } from './vectors.ts';

const folder = fileURLToPath(new URL('../../../../../tests/peers/dcap-qvl/', import.meta.url));
const obstacle = !hasVectors
  ? '../shared/vectors/tee/intel is not there'
  : existsSync(`${folder}node_modules/@phala`)
    ? undefined
    : 'run npm ci in that folder first';

const AT = Date.parse('2025-06-25T00:00:00Z');

/** Judges by a peer; gives the status that it finds, or throws. */
type Judge = (quote: Uint8Array, collateral: Readonly<Record<string, unknown>>) => string;

function javaScript(): Judge {
  const { verify } = createRequire(folder)('@phala/dcap-qvl') as { verify(...args: readonly unknown[]): { status: string } };
  const bytes = (parts: Readonly<Record<string, unknown>>, name: string): Buffer => Buffer.from(String(parts[name]), 'hex');
  return (quote, parts) => {
    const binary = Object.fromEntries(
      ['root_ca_crl', 'pck_crl', 'tcb_info_signature', 'qe_identity_signature'].map((name) => [name, bytes(parts, name)]),
    );
    return verify(Buffer.from(quote), { ...parts, ...binary }, Math.floor(AT / 1000)).status;
  };
}

async function webAssembly(): Promise<Judge> {
  const from = `${folder}node_modules/@phala/dcap-qvl-web/dcap-qvl-web`;
  const { initSync, js_verify } = await import(/* @vite-ignore */ pathToFileURL(`${from}.js`).href);
  initSync({ module: readFileSync(`${from}_bg.wasm`) });
  return (quote, parts) => js_verify(quote, parts, BigInt(Math.floor(AT / 1000))).status;
}

describe.skipIf(obstacle !== undefined)(`tests/peers/dcap-qvl${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  const quote = obstacle === undefined ? vector('dcap-qvl.tdx_quote') : new Uint8Array(0);
  const ours = async (intel: object) =>
    (
      await verifyEvidence(quote, {
        collateral: { intel },
        time: AT,
        policy: {},
        crypto: webCryptoAttest(crypto.subtle),
        roots: 'vendor',
      })
    ).overall;

  /** Revocation lists that are none, as hexadecimal; in ours and in theirs they have other names. */
  const bad = (): readonly (readonly [what: string, ours: 'rootCrl' | 'pckCrl', theirs: string, list: string])[] => {
    const { pckCrl } = dcapCollateral();
    const badlySigned = pckCrl.map((byte, i) => (i === pckCrl.length - 1 ? byte ^ 1 : byte));
    return [
      ['a PCK list of one zero byte', 'pckCrl', 'pck_crl', '00'],
      ['no PCK list', 'pckCrl', 'pck_crl', ''],
      ['a root list of one zero byte', 'rootCrl', 'root_ca_crl', '00'],
      ['a badly signed PCK list', 'pckCrl', 'pck_crl', toHex(badlySigned)],
    ];
  };

  test('all three take the right collateral', async () => {
    expect(await ours(dcapCollateral())).toBe('pass');
    expect(javaScript()(quote, dcapParts())).toBe('UpToDate');
    expect((await webAssembly())(quote, dcapParts())).toBe('UpToDate');
  });

  test('@phala/dcap-qvl 0.3.9 takes four revocation lists that say nothing; we and its WebAssembly sibling refuse them', async () => {
    const [script, wasm] = [javaScript(), await webAssembly()];
    for (const [what, name, theirs, list] of bad()) {
      const parts = { ...dcapParts(), [theirs]: list };
      expect(script(quote, parts), what).toBe('UpToDate');
      expect(() => wasm(quote, parts), what).toThrow();
      expect(await ours({ ...dcapCollateral(), [name]: Uint8Array.from(Buffer.from(list, 'hex')) }), what).toBe('fail');
    }
  });
});
