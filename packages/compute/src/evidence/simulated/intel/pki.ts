import { toHex, utf8 } from '@perigee/wire';
import { applied, certify } from '../authority.ts';
import { type CertificateFields, type Change, pemOf } from '../certificate.ts';
import { type RevocationListFields, writeRevocationList } from '../revocation-list.ts';
import { seeded } from '../seed.ts';
import { type CurveKey, curveKey } from '../signing-key.ts';
import { NAMES } from './names.ts';
import { type SgxPlatform, sgxExtension } from './platform.ts';
import { CPU_SVN, pceSvnOf, type QeIdentity, qeIdentityOf, type TcbInfo, tcbInfoOf } from './tcb-info.ts';

const DAY_S = 86_400;
const EVALUATION = 17;
const CRL_NUMBER = 1;

/** Changes of what is signed, each before its signature: what is bad is properly signed. */
export interface IntelChanges {
  readonly platform?: Change<SgxPlatform>;
  readonly root?: Change<CertificateFields>;
  readonly platformCa?: Change<CertificateFields>;
  readonly pck?: Change<CertificateFields>;
  readonly tcbSigner?: Change<CertificateFields>;
  readonly rootCrl?: Change<RevocationListFields>;
  readonly pckCrl?: Change<RevocationListFields>;
  readonly tcbInfo?: Change<TcbInfo>;
  readonly qeIdentity?: Change<QeIdentity>;
}

export interface IntelKeys {
  readonly root: CurveKey;
  readonly platformCa: CurveKey;
  readonly pck: CurveKey;
  readonly tcbSigner: CurveKey;
  /** Of the quoting enclave. */
  readonly attestation: CurveKey;
}

/** Signed data of Intel's service: the whole answer, and the chain that its header carries. */
interface SignedJson {
  readonly body: string;
  readonly issuerChain: string;
}

/** What Intel's services give out, as they give it. */
export interface IntelServices {
  readonly rootCrl: Uint8Array;
  readonly pckCrl: Uint8Array;
  /** PEM. */
  readonly pckCrlIssuerChain: string;
  readonly tcbInfo: SignedJson;
  readonly qeIdentity: SignedJson;
}

/** All that Intel and a processor of it have, made of a seed. */
export interface IntelPki {
  readonly keys: IntelKeys;
  readonly platform: SgxPlatform;
  /** DER. */
  readonly root: Uint8Array;
  readonly platformCa: Uint8Array;
  readonly pck: Uint8Array;
  readonly tcbSigner: Uint8Array;
  /** Signer of the quoting enclave, 32 bytes. */
  readonly qeSigner: Uint8Array;
  readonly services: IntelServices;
}

function intelKeys(seed: Uint8Array): IntelKeys {
  const key = (name: string): CurveKey => curveKey(seed, `intel/${name}`, 'P-256');
  return {
    root: key('root'),
    platformCa: key('platform-ca'),
    pck: key('pck'),
    tcbSigner: key('tcb-signer'),
    attestation: key('attestation'),
  };
}

/**
 * @param tee whose TCB info and quoting enclave the services speak of
 * @param now seconds since 1970: lists and TCB info are a day old then, and hold for 29 more
 */
export function intelPki(seed: Uint8Array, tee: 'SGX' | 'TDX', now: number, changes: IntelChanges = {}): IntelPki {
  const { root: rootKey, platformCa: caKey, pck: pckKey, tcbSigner: tcbKey, attestation } = intelKeys(seed);
  const platform = applied(changes.platform, platformOf(seed));
  const rootPlace = { key: rootKey, name: NAMES.root };
  const caPlace = { key: caKey, name: NAMES.platformCa };
  const root = certify(seed, 'intel/root', { ...rootPlace, issuer: rootPlace, authority: { pathLength: 1 } }, changes.root);
  const platformCa = certify(
    seed,
    'intel/platform-ca',
    { ...caPlace, issuer: rootPlace, authority: { pathLength: 0 } },
    changes.platformCa,
  );
  const pck = certify(
    seed,
    'intel/pck',
    { key: pckKey, name: NAMES.pck, issuer: caPlace, extensions: [sgxExtension(platform)] },
    changes.pck,
  );
  const tcbSigner = certify(
    seed,
    'intel/tcb-signer',
    { key: tcbKey, name: NAMES.tcbSigner, issuer: rootPlace },
    changes.tcbSigner,
  );
  const issue = { at: now - DAY_S, until: now + 29 * DAY_S, evaluation: EVALUATION };
  const list = (change: Change<RevocationListFields> | undefined, of: Pick<RevocationListFields, 'issuer' | 'signer'>) =>
    writeRevocationList(
      applied(change, {
        ...of,
        thisUpdate: issue.at,
        nextUpdate: issue.until,
        revoked: [],
        number: CRL_NUMBER,
        extensions: [],
      }),
    );
  const qeSigner = seeded(seed, 'intel/qe-signer', 32);
  const tcbInfo = applied(changes.tcbInfo, tcbInfoOf(tee, platform, issue));
  const qeIdentity = applied(changes.qeIdentity, qeIdentityOf(tee === 'TDX' ? 'TD_QE' : 'QE', qeSigner, issue));
  const issuerChain = pemOf(tcbSigner, root);
  return {
    keys: { root: rootKey, platformCa: caKey, pck: pckKey, tcbSigner: tcbKey, attestation },
    platform,
    root,
    platformCa,
    pck,
    tcbSigner,
    qeSigner,
    services: {
      rootCrl: list(changes.rootCrl, { issuer: NAMES.root, signer: rootKey }),
      pckCrl: list(changes.pckCrl, { issuer: NAMES.platformCa, signer: caKey }),
      pckCrlIssuerChain: pemOf(platformCa, root),
      tcbInfo: { body: signJson('tcbInfo', tcbInfo, tcbKey), issuerChain },
      qeIdentity: { body: signJson('enclaveIdentity', qeIdentity, tcbKey), issuerChain },
    },
  };
}

/** The processor: its FMSPC is one that Intel has given to nobody. */
function platformOf(seed: Uint8Array): SgxPlatform {
  return {
    ppid: seeded(seed, 'intel/ppid', 16),
    cpuSvn: CPU_SVN,
    pceSvn: pceSvnOf('UpToDate'),
    pceId: Uint8Array.of(0, 0),
    fmspc: Uint8Array.of(0xff, 0x70, 0x65, 0x72, 0x69, 0),
  };
}

/** `{"name":{…},"signature":"…"}`, signed over exactly the bytes of the inner object. */
export function signJson(name: string, value: object, key: CurveKey): string {
  const body = JSON.stringify(value);
  return `{"${name}":${body},"signature":"${toHex(key.signCompact(utf8(body)))}"}`;
}
