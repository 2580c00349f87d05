import { utf8 } from '@perigee/wire';
import {
  authorityExtensions,
  basicConstraints,
  COMMON_NAME,
  entityExtensions,
  keyUsage,
  pemOf,
  writeCertificate,
} from '../../../../src/evidence/simulated/certificate.ts';
import { objectId, sequence, utf8String } from '../../../../src/evidence/simulated/der-writer.ts';
import { NAMES } from '../../../../src/evidence/simulated/intel/names.ts';
import { intelPki } from '../../../../src/evidence/simulated/intel/pki.ts';
import { curveKey, type SigningKey } from '../../../../src/evidence/simulated/signing-key.ts';
import type { BadCase } from '../case.ts';
import { NOW, SEED, withFields } from '../simulation.ts';
import { type IntelRecipe, STRANGER } from './recipe.ts';

const otherCurve = curveKey(SEED, 'other curve', 'P-384');
const thirdCurve = curveKey(SEED, 'third curve', 'P-521');
const named = (common: string) => [[COMMON_NAME, common], ...NAMES.pck.slice(1)] as const;
const note = { oid: '1.3.6.1.4.1.99999.1', value: utf8String('note') };

/** Says that it signed with another algorithm than its curve has. */
const misnamed = (key: SigningKey): SigningKey => ({ ...key, algorithm: sequence(objectId('1.2.840.10045.4.3.3')) });

/** The chain of the quote: who certifies the processor. */
export const CHAIN_CASES: readonly BadCase<IntelRecipe>[] = [
  {
    name: 'the PCK certificate has expired',
    twin: { pki: { pck: withFields({ notAfter: NOW }) } },
    bad: { pki: { pck: withFields({ notAfter: NOW - 1 }) } },
    check: 'pckChain',
    code: 'EXPIRED',
  },
  {
    name: 'the PCK certificate is not valid yet',
    twin: { pki: { pck: withFields({ notBefore: NOW }) } },
    bad: { pki: { pck: withFields({ notBefore: NOW + 1 }) } },
    check: 'pckChain',
    code: 'NOT_YET_VALID',
  },
  {
    name: 'its CA has expired',
    twin: { pki: { platformCa: withFields({ notAfter: NOW }) } },
    bad: { pki: { platformCa: withFields({ notAfter: NOW - 1 }) } },
    check: 'pckChain',
    code: 'EXPIRED',
  },
  {
    name: 'its CA is not valid yet',
    twin: { pki: { platformCa: withFields({ notBefore: NOW }) } },
    bad: { pki: { platformCa: withFields({ notBefore: NOW + 1 }) } },
    check: 'pckChain',
    code: 'NOT_YET_VALID',
  },
  {
    name: 'the root has expired',
    twin: { pki: { root: withFields({ notAfter: NOW }) } },
    bad: { pki: { root: withFields({ notAfter: NOW - 1 }) } },
    check: 'pckChain',
    code: 'EXPIRED',
  },
  {
    name: 'the leaf is an issuer',
    twin: {
      pki: {
        pck: (pck) => ({ ...pck, extensions: [...pck.extensions.slice(0, 3), basicConstraints(false), pck.extensions.at(-1)!] }),
      },
    },
    bad: {
      pki: {
        pck: (pck) => ({ ...pck, extensions: [...pck.extensions.slice(0, 3), basicConstraints(true), pck.extensions.at(-1)!] }),
      },
    },
    check: 'pckChain',
    code: 'CHAIN_CA',
  },
  {
    name: 'the CA is no issuer',
    bad: { pki: { platformCa: (ca) => ({ ...ca, extensions: [...ca.extensions.slice(0, 3), basicConstraints(false)] }) } },
    check: 'pckChain',
    code: 'CHAIN_CA',
  },
  {
    name: 'the leaf was issued by another leaf',
    bad: {
      chain: (pki) => [
        writeCertificate({
          version: 2,
          serial: Uint8Array.of(9),
          issuer: NAMES.pck,
          subject: NAMES.pck,
          notBefore: NOW - 10,
          notAfter: NOW + 10,
          spki: STRANGER.spki,
          extensions: entityExtensions(STRANGER.spki, pki.keys.pck.spki),
          signer: pki.keys.pck,
        }),
        pki.pck,
        pki.root,
      ],
    },
    check: 'pckChain',
    code: 'CHAIN_CA',
  },
  { name: 'the CA is missing', bad: { chain: ({ pck, root }) => [pck, root] }, check: 'pckChain', code: 'CHAIN_LENGTH' },
  {
    name: 'the root is missing',
    bad: { chain: ({ pck, platformCa }) => [pck, platformCa] },
    check: 'pckChain',
    code: 'CHAIN_LENGTH',
  },
  {
    name: 'the root is there twice',
    bad: { chain: ({ pck, platformCa, root }) => [pck, platformCa, root, root] },
    check: 'pckChain',
    code: 'CHAIN_LENGTH',
  },
  {
    name: 'certificates without end',
    bad: { chain: ({ pck, platformCa }) => [pck, ...Array.from({ length: 30 }, () => platformCa)] },
    check: 'pckChain',
    code: 'CHAIN_LENGTH',
  },
  {
    name: 'leaf and CA are exchanged',
    bad: { chain: ({ pck, platformCa, root }) => [platformCa, pck, root] },
    check: 'pckChain',
    code: 'CHAIN_CA',
  },
  {
    name: 'the root comes first',
    bad: { chain: ({ pck, platformCa, root }) => [root, platformCa, pck] },
    check: 'pckChain',
    code: 'ROOT',
  },
  {
    name: 'a root with the same name and another key',
    bad: { chain: ({ pck, platformCa }) => [pck, platformCa, intelPki(utf8('another'), 'TDX', NOW).root] },
    check: 'pckChain',
    code: 'ROOT',
  },
  {
    name: 'a whole chain of another authority',
    bad: {
      chain: () => {
        const other = intelPki(utf8('another'), 'TDX', NOW);
        return [other.pck, other.platformCa, other.root];
      },
    },
    check: 'pckChain',
    code: 'ROOT',
  },
  {
    name: 'the leaf names another issuer',
    bad: { pki: { pck: withFields({ issuer: NAMES.root }) } },
    check: 'pckChain',
    code: 'CHAIN_NAME',
  },
  {
    name: 'the leaf is named otherwise',
    twin: { pki: { pck: withFields({ subject: named('Intel SGX PCK Certificate') }) } },
    bad: { pki: { pck: withFields({ subject: named('Intel SGX PCK Certificates') }) } },
    check: 'pckChain',
    code: 'CHAIN_NAME',
  },
  {
    name: 'the CA is the signer of TCB information',
    bad: {
      pki: {
        platformCa: withFields({ subject: NAMES.tcbSigner }),
        pck: withFields({ issuer: NAMES.tcbSigner }),
        pckCrl: (crl) => ({ ...crl, issuer: NAMES.tcbSigner }),
      },
    },
    check: 'pckChain',
    code: 'CHAIN_NAME',
  },
  {
    name: 'more issuers than the root allows',
    twin: { pki: { root: (root) => ({ ...root, extensions: authorityExtensions(root.spki, root.spki, 1) }) } },
    bad: { pki: { root: (root) => ({ ...root, extensions: authorityExtensions(root.spki, root.spki, 0) }) } },
    check: 'pckChain',
    code: 'CHAIN_PATH_LENGTH',
  },
  {
    name: 'the CA must not sign certificates',
    bad: { pki: { platformCa: (ca) => ({ ...ca, extensions: [keyUsage('sign'), basicConstraints(true, 0)] }) } },
    check: 'pckChain',
    code: 'CHAIN_KEY_USAGE',
  },
  {
    name: 'the leaf must not sign',
    bad: {
      pki: { pck: (pck) => ({ ...pck, extensions: [keyUsage('certify'), basicConstraints(false), pck.extensions.at(-1)!] }) },
    },
    check: 'pckChain',
    code: 'CHAIN_KEY_USAGE',
  },
  {
    name: 'a stranger signed the leaf',
    bad: { pki: { pck: withFields({ signer: STRANGER }) } },
    check: 'pckChain',
    code: 'SIGNATURE',
  },
  {
    name: 'a stranger signed the CA',
    bad: { pki: { platformCa: withFields({ signer: STRANGER }) } },
    check: 'pckChain',
    code: 'SIGNATURE',
  },
  {
    name: 'the leaf names an algorithm that its issuer cannot have',
    bad: { pki: { pck: (pck) => ({ ...pck, signer: misnamed(pck.signer) }) } },
    check: 'pckChain',
    code: 'ALGORITHM',
  },
  {
    name: 'the PCK key is on P-384',
    bad: { pki: { pck: withFields({ spki: otherCurve.spki }) } },
    check: 'pckChain',
    code: 'KEY',
  },
  {
    name: 'the PCK key is on P-521',
    bad: { pki: { pck: withFields({ spki: thirdCurve.spki }) } },
    check: 'pckChain',
    code: 'KEY',
  },
  {
    name: 'the leaf has a critical extension that nobody knows',
    twin: { pki: { pck: (pck) => ({ ...pck, extensions: [...pck.extensions, { ...note, critical: false }] }) } },
    bad: { pki: { pck: (pck) => ({ ...pck, extensions: [...pck.extensions, { ...note, critical: true }] }) } },
    check: 'pckChain',
    code: 'CRITICAL_EXTENSION',
  },
  {
    name: 'the leaf has an extension twice',
    bad: { pki: { pck: (pck) => ({ ...pck, extensions: [...pck.extensions, pck.extensions.at(-1)!] }) } },
    check: 'pckChain',
    code: 'CERTIFICATE',
  },
  {
    name: 'the leaf is of version 1',
    bad: { pki: { pck: withFields({ version: 0, extensions: [] }) } },
    check: 'pckChain',
    code: 'CERTIFICATE',
  },
  {
    name: 'the leaf says nothing of a processor',
    bad: { pki: { pck: (pck) => ({ ...pck, extensions: pck.extensions.slice(0, -1) }) } },
    check: 'pckChain',
    code: 'CERTIFICATE',
  },
  {
    name: 'its FMSPC is too short',
    bad: { pki: { platform: (platform) => ({ ...platform, fmspc: platform.fmspc.subarray(1) }), tcbInfo: (info) => info } },
    check: 'pckChain',
    code: 'CERTIFICATE',
  },
  {
    name: 'words between the certificates',
    twin: { pem: (text) => `${text}\0` },
    bad: { pem: (text) => text.replace('-----\n-----', '-----\nand\n-----') },
    check: 'pckChain',
    code: 'PEM',
  },
  { name: 'lines end as on Windows', bad: { pem: (text) => text.replaceAll('\n', '\r\n') }, check: 'pckChain', code: 'PEM' },
  {
    name: 'a byte behind the leaf, inside its PEM',
    bad: { chain: ({ pck, platformCa, root }) => [Uint8Array.of(...pck, 0), platformCa, root] },
    check: 'pckChain',
    code: 'TRAILING_BYTES',
  },
  {
    name: 'the leaf is cut off',
    bad: { chain: ({ pck, platformCa, root }) => [pck.subarray(0, -1), platformCa, root] },
    check: 'pckChain',
    code: 'DER',
  },
  { name: 'there is no certificate at all', bad: { pem: () => '' }, check: 'pckChain', code: 'CHAIN_LENGTH' },
  {
    name: 'the signer of TCB information has expired',
    twin: { pki: { tcbSigner: withFields({ notAfter: NOW }) } },
    bad: { pki: { tcbSigner: withFields({ notAfter: NOW - 1 }) } },
    check: 'tcbInfo',
    code: 'EXPIRED',
  },
  {
    name: 'the signer of TCB information is named otherwise',
    bad: { pki: { tcbSigner: withFields({ subject: named('Intel SGX PCK Certificate') }) } },
    check: 'tcbInfo',
    code: 'CHAIN_NAME',
  },
  {
    name: 'the PCK CA signs TCB information',
    bad: { collateral: (collateral, { platformCa, root }) => ({ ...collateral, tcbInfoChain: utf8(pemOf(platformCa, root)) }) },
    check: 'tcbInfo',
    code: 'CHAIN_CA',
  },
  {
    name: 'the PCK leaf signs the identity of the quoting enclave',
    bad: {
      collateral: (collateral, { pck, platformCa, root }) => ({
        ...collateral,
        qeIdentityChain: utf8(pemOf(pck, platformCa, root)),
      }),
    },
    check: 'qeIdentity',
    code: 'CHAIN_LENGTH',
  },
];
