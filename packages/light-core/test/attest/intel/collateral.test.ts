import { utf8 } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import {
  type AttestationReport,
  type Floors,
  type IntelCollateral,
  raiseFloors,
  verifyEvidence,
  webCryptoAttest,
} from '../../../src/attest/index.ts';
import { nobleAttest } from '../../../src/attest/noble/index.ts';
import { verdictsOf } from '../judge.ts';
import { dcapCollateral, hasVectors, vector } from './vectors.ts';

const AT = Date.parse('2025-06-25T00:00:00Z');
const NONE = new Uint8Array(0);

describe.skipIf(!hasVectors)('collateral of Intel (../shared/vectors/tee/intel)', () => {
  const quote = hasVectors ? vector('dcap-qvl.tdx_quote') : NONE;
  const intel = hasVectors ? dcapCollateral() : undefined;
  const given = (): Required<IntelCollateral> => {
    if (intel === undefined) throw new Error('no vectors');
    return intel;
  };

  async function judge(
    changed: { [Name in keyof IntelCollateral]: Uint8Array | undefined },
    more: { floors?: Floors; minTcbEvaluation?: number } = {},
  ): Promise<AttestationReport> {
    const { floors = {}, ...policy } = more;
    const present = Object.entries({ ...given(), ...changed }).filter(([, bytes]) => bytes !== undefined);
    const options = {
      collateral: { intel: Object.fromEntries(present) },
      time: AT,
      policy: { intel: policy },
      roots: 'vendor',
      floors,
    } as const;
    const report = await verifyEvidence(quote, { ...options, crypto: webCryptoAttest(crypto.subtle) });
    expect(await verifyEvidence(quote, { ...options, crypto: nobleAttest })).toEqual(report);
    return report;
  }

  const certificate = (): Uint8Array => {
    const [, , base64 = ''] = new TextDecoder().decode(given().tcbInfoChain).split('-----');
    return Uint8Array.from(Buffer.from(base64, 'base64'));
  };
  const badlySigned = (der: Uint8Array): Uint8Array => der.map((byte, i) => (i === der.length - 1 ? byte ^ 1 : byte));

  describe.each([
    ['rootCrl', 'go-tdx-guest.rootcrl.der'],
    ['pckCrl', 'go-tdx-guest.pckcrl'],
  ] as const)('%s', (name, expired) => {
    test.each([
      ['missing', (): undefined => undefined, 'notChecked COLLATERAL_MISSING'],
      ['empty', () => NONE, 'fail DER'],
      ['garbage', () => Uint8Array.of(0), 'fail DER'],
      ['text', () => utf8('-----BEGIN X509 CRL-----'), 'fail DER'],
      ['cut off', () => given()[name].subarray(0, -1), 'fail DER'],
      ['longer', () => Uint8Array.of(...given()[name], 0), 'fail TRAILING_BYTES'],
      ['badly signed', () => badlySigned(given()[name]), 'fail SIGNATURE'],
      ['expired', () => vector(expired), 'fail EXPIRED'],
      ['of the other issuer', () => given()[name === 'rootCrl' ? 'pckCrl' : 'rootCrl'], 'fail CRL'],
      ['a certificate', () => certificate(), 'fail CRL'],
      ['a megabyte', () => new Uint8Array(1 << 20), 'fail TOO_LARGE'],
    ] as const)('%s: refused', async (_, make, due) => {
      const report = await judge({ [name]: make() });
      expect(report).toMatchObject({ status: 'real-fail', label: 'none' });
      expect(verdictsOf(report)).toMatchObject({ [name]: due, revocation: 'notChecked DEPENDS', rollback: 'notChecked DEPENDS' });
      // a signer that may be revoked has signed nothing
      const signers = name === 'rootCrl' ? 'notChecked DEPENDS' : 'pass';
      expect(verdictsOf(report)).toMatchObject({ tcbInfo: signers, qeIdentity: signers });
    });
  });

  test.each([
    ['tcbInfo', 'missing', undefined, 'notChecked COLLATERAL_MISSING'],
    ['tcbInfo', 'empty', NONE, 'fail JSON'],
    ['tcbInfo', 'no object', utf8('[]'), 'fail JSON'],
    ['tcbInfo', 'nothing', utf8('null'), 'fail JSON'],
    ['tcbInfo', 'without a signature', utf8('{"tcbInfo":{}}'), 'fail JSON'],
    ['tcbInfo', 'too large', new Uint8Array(1 << 20), 'fail TOO_LARGE'],
    ['tcbInfoChain', 'missing', undefined, 'notChecked COLLATERAL_MISSING'],
    ['tcbInfoChain', 'empty', NONE, 'fail CHAIN_LENGTH'],
    ['qeIdentity', 'missing', undefined, 'notChecked COLLATERAL_MISSING'],
    ['qeIdentity', 'no text', Uint8Array.of(0xff, 0xfe), 'fail JSON'],
    ['qeIdentityChain', 'garbage', utf8('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'), 'fail'],
  ] as const)('%s, %s: refused', async (name, _, bytes, due) => {
    const report = await judge({ [name]: bytes });
    expect(report.overall).toBe('fail');
    expect(verdictsOf(report)[name.replace('Chain', '')]).toContain(due);
  });

  test('a member that comes twice, or comes in another order, is not cut out of what was signed', async () => {
    const text = new TextDecoder().decode(given().tcbInfo);
    const [body, signature] = [
      text.slice('{"tcbInfo":'.length, text.lastIndexOf(',"signature"')),
      text.slice(text.lastIndexOf('"signature"'), -1),
    ];
    const forged = body.replaceAll('"UpToDate"', '"Revoked"');
    const of = async (tcbInfo: string) => verdictsOf(await judge({ tcbInfo: utf8(tcbInfo) })).tcbInfo;
    expect(await of(`{"tcbInfo":${body},${signature}}`)).toBe('pass');
    expect(await of(` {\n${signature} , "tcbInfo":\t${body} } `)).toBe('pass'); // what is not signed may be written otherwise
    expect(await of(`{"tcbInfo":${forged},${signature}}`)).toBe('fail SIGNATURE');
    expect(await of(`{"tcbInfo":${forged},"tcbInfo":${body},${signature}}`)).toBe('fail JSON');
    expect(await of(`{"tcbInfo":${body},"tcbInfo":${forged},${signature}}`)).toBe('fail JSON');
    expect(await of(`{"tcb\\u0049nfo":${forged},"tcbInfo":${body},${signature}}`)).toBe('fail JSON');
    expect(await of(`{"tcbInfo":${body} ,${signature},"more":1}`)).toBe('fail JSON');
    expect(await of(`{"tcbInfo":${body.replace('{', '{ ')},${signature}}`)).toBe('fail SIGNATURE');
    expect(await of(`{"tcbInfo":${body},${signature}}{}`)).toBe('fail JSON');
    const [qe] = new TextDecoder().decode(given().qeIdentity).slice('{"enclaveIdentity":'.length).split(',"signature"');
    expect(await of(`{"tcbInfo":${qe},${signature}}`)).toBe('fail SIGNATURE');
  });

  test('signed by Intel, but of something else: refused', async () => {
    const swapped = new TextDecoder().decode(given().qeIdentity).replace('"enclaveIdentity"', '"tcbInfo"');
    expect(verdictsOf(await judge({ tcbInfo: utf8(swapped) })).tcbInfo).toBe('fail COLLATERAL');
    const other = await judge({ tcbInfo: vector('go-tdx-guest.sample_tcbinfo_response_v5') });
    expect(verdictsOf(other).tcbInfo).toBe('fail NOT_YET_VALID');
  });

  test('older than what was seen before: refused, whichever part it is', async () => {
    const { seen, overall } = await judge({});
    expect(overall).toBe('pass');
    expect(Object.keys(seen)).toHaveLength(6);
    expect((await judge({}, { floors: seen })).overall).toBe('pass');
    for (const [name, number] of Object.entries(seen)) {
      const report = await judge({}, { floors: { ...seen, [name]: number + 1 } });
      expect(verdictsOf(report).rollback).toBe('fail ROLLBACK');
      expect(report.overall).toBe('fail');
      // what was given is authentic all the same, and does not lower the floor
      expect(raiseFloors({ ...seen, [name]: number + 1 }, report.seen)).toEqual({ ...seen, [name]: number + 1 });
    }
    expect((await judge({}, { minTcbEvaluation: 17 })).overall).toBe('pass');
    expect(verdictsOf(await judge({}, { minTcbEvaluation: 18 })).rollback).toBe('fail ROLLBACK');
    // a floor that is no number is none that anything reaches
    expect(verdictsOf(await judge({}, { minTcbEvaluation: Number.NaN })).rollback).toBe('fail ROLLBACK');
    expect(verdictsOf(await judge({}, { floors: { 'intel/qeIdentity/tdx': Number.NaN } })).rollback).toBe('fail ROLLBACK');
  });
});
