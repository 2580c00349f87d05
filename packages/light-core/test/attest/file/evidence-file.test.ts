import { readFileSync, writeFileSync } from 'node:fs';
import { MAX_ATTESTATION_FILE_BYTES, toBase64, toHex, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../../../tests/kit/code-of.ts';
import { encodeEvidenceBundle, readCollateralFile, readEvidenceFile } from '../../../src/attest/file/index.ts';

const FILE = new URL('../../../../../tests/vectors/evidence-bundle.json', import.meta.url);
const quote = Uint8Array.from({ length: 100 }, (_, i) => (i * 37) % 256);
const full = {
  evidence: quote,
  collateral: {
    intel: {
      tcbInfo: utf8('{"tcbInfo":{}}'),
      tcbInfoChain: utf8('PEM'),
      qeIdentity: utf8('{}'),
      qeIdentityChain: utf8('PEM 2'),
      rootCrl: Uint8Array.of(1),
      pckCrl: Uint8Array.of(2, 3),
    },
    amd: { vcek: Uint8Array.of(4), ask: Uint8Array.of(5), ark: Uint8Array.of(7), crl: Uint8Array.of(6) },
    nvidia: {
      chain: utf8('PEM 3'),
      rootCrl: Uint8Array.of(8),
      identityCrl: Uint8Array.of(9),
      rims: [utf8(`<driver>${'0'.repeat(48)}</driver>`), utf8(`<vbios>${'1'.repeat(48)}</vbios>`)],
    },
  },
  guest: { eventLog: utf8('[]'), appCompose: utf8('{"name":"app"}') },
};

if (process.env.PERIGEE_WRITE_FIXTURES === '1') writeFileSync(FILE, encodeEvidenceBundle(full));

describe('a file of evidence', () => {
  it('is the stored bundle, and reads as what was put in', () => {
    const stored = new Uint8Array(readFileSync(FILE));
    expect(encodeEvidenceBundle(full)).toEqual(stored);
    expect(readEvidenceFile(stored)).toEqual({ kind: 'bundle', ...full });
    expect(readCollateralFile(stored)).toEqual(full.collateral);
  });

  it('may be bytes, hexadecimal or base64, broken into lines or not', () => {
    expect(readEvidenceFile(quote)).toEqual({ kind: 'raw', evidence: quote, collateral: {} });
    const lines = (text: string) => `${(text.match(/.{1,24}/g) ?? []).join('\n')}\n`;
    for (const text of [toHex(quote), `0x${toHex(quote)}`, lines(toHex(quote)), toBase64(quote), lines(toBase64(quote))]) {
      expect(readEvidenceFile(utf8(text))).toEqual({ kind: 'text', evidence: quote, collateral: {} });
    }
  });

  it('may be the answer of a dstack agent', () => {
    const log = [{ imr: 3, event: 'app-id' }];
    const compose = '{"name": "app"}';
    for (const event_log of [log, JSON.stringify(log)]) {
      const answer = { quote: toHex(quote), event_log, tcb_info: JSON.stringify({ app_compose: compose }) };
      const { kind, evidence, guest } = readEvidenceFile(utf8(JSON.stringify(answer)));
      expect({ kind, evidence }).toEqual({ kind: 'dstack', evidence: quote });
      expect(guest).toEqual({ eventLog: utf8(JSON.stringify(log)), appCompose: utf8(compose) });
    }
    expect(readEvidenceFile(utf8(JSON.stringify({ quote: toHex(quote) }))).guest).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['words', 'this is no evidence'],
    ['half a byte', 'abc'],
    ['JSON that is cut off', '{"format":"perigee-evidence"'],
    ['JSON of something else', '{"a":1}'],
    ['a list', '[1]'],
    ['a quote that is no hexadecimal', '{"quote":"xyz"}'],
    ['deep nesting', `{"quote":${'['.repeat(100_000)}`],
    ['deep nesting that ends', `{"quote":"00","event_log":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('is refused when it is %s', (_what, text) => {
    expect(['PARSE', 'INVALID_ARGUMENT']).toContain(codeOf(() => readEvidenceFile(utf8(text))));
  });

  it('is refused before it is read when it is too long', () => {
    expect(codeOf(() => readEvidenceFile(new Uint8Array(MAX_ATTESTATION_FILE_BYTES + 1)))).toBe('INVALID_ARGUMENT');
    expect(codeOf(() => readEvidenceFile(utf8('a\n'.repeat(200_000))))).toBe('INVALID_ARGUMENT');
    expect(codeOf(() => readCollateralFile(new Uint8Array(MAX_ATTESTATION_FILE_BYTES + 1)))).toBe('INVALID_ARGUMENT');
  });

  it('is refused when it is a bundle of another version, or holds what is not known', () => {
    const bundle = JSON.parse(new TextDecoder().decode(encodeEvidenceBundle(full))) as Record<string, unknown>;
    const changed = (change: object) => codeOf(() => readEvidenceFile(utf8(JSON.stringify({ ...bundle, ...change }))));
    expect(changed({})).toBe('none');
    expect(changed({ version: 2 })).toBe('UNKNOWN_VERSION');
    expect(changed({ version: '1' })).toBe('UNKNOWN_VERSION');
    expect(changed({ version: { toString: 1 } })).toBe('UNKNOWN_VERSION');
    for (const change of [
      { more: 1 },
      { evidence: 1 },
      { evidence: 'a' },
      { collateral: [] },
      { collateral: { other: {} } },
      { collateral: { toString: {} } },
      { collateral: { intel: { other: '' } } },
      { collateral: { intel: 'x' } },
      { collateral: { nvidia: { rims: '' } } },
      { collateral: { nvidia: { rims: [1] } } },
      { collateral: { nvidia: { rims: Array(9).fill('') } } },
      { guest: { appCompose: '' } },
      { guest: { eventLog: '', more: '' } },
    ]) {
      expect(changed(change), JSON.stringify(change)).toBe('PARSE');
    }
  });
});

describe('a file of collateral', () => {
  it('may be JSON as DCAP tools keep it, and what was signed stays to the letter', () => {
    const kept = {
      tcb_info: '{"id" : "TDX"}',
      tcb_info_signature: 'aa',
      tcb_info_issuer_chain: 'PEM',
      qe_identity: '{"id":"TD_QE"}',
      qe_identity_signature: 'bb',
      qe_identity_issuer_chain: 'PEM 2',
      root_ca_crl: '01',
      pck_crl: '0203',
    };
    expect(readCollateralFile(utf8(JSON.stringify(kept)))).toEqual({
      intel: {
        tcbInfo: utf8('{"tcbInfo":{"id" : "TDX"},"signature":"aa"}'),
        tcbInfoChain: utf8('PEM'),
        qeIdentity: utf8('{"enclaveIdentity":{"id":"TD_QE"},"signature":"bb"}'),
        qeIdentityChain: utf8('PEM 2'),
        rootCrl: Uint8Array.of(1),
        pckCrl: Uint8Array.of(2, 3),
      },
    });
    for (const name of Object.keys(kept)) {
      const others = Object.fromEntries(Object.entries(kept).filter(([other]) => other !== name));
      expect(
        codeOf(() => readCollateralFile(utf8(JSON.stringify(others)))),
        name,
      ).toBe('PARSE');
    }
  });

  it('is refused when it is something else', () => {
    for (const text of ['', '{}', '[]', 'null', '{"format":"perigee-evidence","version":9}']) {
      expect(['PARSE', 'UNKNOWN_VERSION'], text).toContain(codeOf(() => readCollateralFile(utf8(text))));
    }
  });
});
