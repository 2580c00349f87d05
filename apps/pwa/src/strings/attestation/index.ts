/** Words of the view that checks evidence of hardware; they come with it. */
import type { AttestationReport, Label, Verdict } from '@perigee/light-core/attest';

export const attestation = {
  title: 'Evidence of hardware',
  explain:
    'A server that says it runs in protected hardware has evidence for it, signed by the maker of the chip. Check such evidence here, whole, in this browser.',
  choose: 'Choose a file',
  drop: 'or drop it here',
  hint: 'A quote, a report or a document as it is, in hexadecimal or base64; the answer of a dstack agent; or a bundle.',
  nothingChosen: 'No file chosen',
  chosen: (name: string, size: string): string => `${name}, ${size}`,
  paste: 'Or paste it',
  collateral: 'What the vendor has signed about it, if you have a file',
  time: 'Judge it as of (UTC), if not now',
  button: 'Check',
  doing: {
    verify: 'The worker checks it.',
    collateral: 'Peers are asked for what the vendor has signed about it.',
  },
  unreadable: 'This is no evidence that can be read',
  unreadableNext: 'Nothing was checked. The sentence below says what is wrong with it.',
  of: (name: string | undefined): string => (name === undefined ? 'the pasted text' : name),
  judged: (time: string, isGiven: boolean): string => (isGiven ? `judged as of ${time}, as you asked` : `judged as of ${time}`),
  platform: {
    'intel-tdx': 'Intel TDX',
    'intel-sgx': 'Intel SGX',
    'amd-sev-snp': 'AMD SEV-SNP',
    'nvidia-gpu': 'NVIDIA GPU',
    'aws-nitro': 'AWS Nitro Enclave',
    unknown: 'no platform that is known',
  } satisfies Record<AttestationReport['platform'], string>,
  untested: 'Untested on hardware: no real report of this platform was ever verified by this program, only minted ones.',
  checks: 'Checks',
  guest: 'What the guest says it has measured, against the registers of the quote',
  verdict: { pass: 'passes', fail: 'fails', notChecked: 'not checked' } satisfies Record<Verdict, string>,
  optional: 'not asked for',
  carries: 'How far it carries',
  label: {
    none: 'nothing',
    hardware: 'hardware',
    code: 'code',
    model: 'model',
    gpu: 'GPU',
    content: 'content',
  } satisfies Record<Label, string>,
  labelMeans: {
    hardware: 'the chip is real',
    code: 'it runs the code that was asked for',
    model: 'with that model',
    gpu: 'on a real GPU',
    content: 'and made this very answer',
  } satisfies Record<Exclude<Label, 'none'>, string>,
  reached: 'reached',
  notReached: 'not reached',
  fields: 'Raw fields, for which nothing vouches but the checks above',
  field: 'Field',
  value: 'Value',
  save: 'Save the result as JSON',
  proves: 'The result is what this browser saw. Others believe the evidence, not the result.',
} as const;

export interface Verdictum {
  readonly title: string;
  readonly note: string;
}

/** The whole in one sentence; simulated evidence never sounds like real evidence. */
export function overall(report: AttestationReport): Verdictum {
  const failed = report.checks.filter(({ verdict, required }) => required && verdict === 'fail').length;
  const open = report.checks.filter(({ verdict, required }) => required && verdict === 'notChecked').length;
  const because = [...(failed > 0 ? [`${failed} failed`] : []), ...(open > 0 ? [`${open} could not be made`] : [])].join(', ');
  if (report.status === 'simulated') {
    return {
      title: report.overall === 'pass' ? 'Simulated: passes as a rehearsal' : 'Simulated, and it does not pass',
      note: 'The keys of this development chain made it, and anybody has those. There is no protected hardware behind it.',
    };
  }
  return report.overall === 'pass'
    ? { title: 'All that is required passes', note: 'Signed by the vendor, current, and not revoked at the time that is named.' }
    : { title: 'It does not pass', note: `Of the required checks ${because}. Do not rely on it.` };
}

/** Abbreviations of the field, which are not said as words. */
const ABBREVIATIONS: ReadonlySet<string> = new Set(
  'abi ark ask cpu crl cose dcap gpu id isv mac mr osmm pce pck pcr qe rim rtmr seam sev sgx smt snp spdm spl svn tcb td tdx tee vbios vcek vlek vmpl xfam'.split(
    ' ',
  ),
);

/** A check's or a field's name as words: `pckChain`, "PCK chain". */
export function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[ ._-]+/)
    .map((word) => (ABBREVIATIONS.has(word.toLowerCase()) ? word.toUpperCase() : word.toLowerCase()))
    .join(' ');
}
