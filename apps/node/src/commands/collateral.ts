import { resolve } from 'node:path';
import { type CollateralFolder, importCollateral, type KeptCollateral } from '@perigee/compute/collateral';
import { developmentSimulation } from '@perigee/compute/evidence/simulated';
import { decodeBundle, subjectOfEvidence, subjectText, type VerifiedBundle } from '@perigee/light-core/attest/bundle';
import { rootsOfDevelopment } from '@perigee/light-core/attest/development';
import { systemClock } from '@perigee/net';
import { PerigeeError } from '@perigee/wire';
import type { Options } from '../cli/args.ts';
import { defineCommand } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import { collateralFolder } from '../collateral.ts';
import { readFileOf, writeNamedFile } from '../files.ts';
import { LIGHT_HOME } from '../trust.ts';

const COLLATERAL_OPTIONS = {
  for: { kind: 'text', value: 'FILE', help: 'import: whatever this quote or report needs' },
  from: { kind: 'text', value: 'FILE', help: 'import: a file that "show -o" wrote, in place of asking the vendor' },
  url: { kind: 'text', value: 'URL', help: "import: a mirror of the vendor's service, such as https://pccs.example" },
  simulated: { kind: 'flag', help: 'of the hardware that development chains make up; no real evidence is judged by it' },
  output: { kind: 'text', value: 'FILE', short: 'o', help: 'show: write the file that peers hand on' },
} as const;

type CollateralOptions = Options<typeof COLLATERAL_OPTIONS>;

export const collateral = defineCommand({
  name: 'collateral',
  usage: 'import [SUBJECT]|list|show SUBJECT',
  summary: 'get, list and hand out what hardware vendors say of their platforms',
  options: COLLATERAL_OPTIONS,
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal, home = LIGHT_HOME }) {
    const [verb, subject, ...rest] = positionals;
    if (rest.length > 0) throw usage();
    // no chain is asked here: what is kept under these roots counts only where a development genesis was verified
    const folder = collateralFolder(resolve(home), options.simulated ? rootsOfDevelopment({ development: true }) : 'vendor');
    switch (verb) {
      case 'import':
        return importInto(folder, subject, options, output, signal);
      case 'list':
        if (subject !== undefined) throw usage();
        return showAll(output, await folder.list());
      case 'show':
        if (subject === undefined) throw usage();
        return showOne(output, folder, subject, options.output);
      default:
        throw usage();
    }
  },
});

async function importInto(
  folder: CollateralFolder,
  given: string | undefined,
  options: CollateralOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  if (options.simulated && given === undefined && options.from === undefined && options.for === undefined) {
    const kept: VerifiedBundle[] = [];
    output.progress('making the keys of the simulated vendors; this takes some seconds');
    for (const file of developmentSimulation(systemClock).bundles()) {
      kept.push(await folder.keep(subjectText(decodeBundle(file).subject), file));
    }
    return output.result({ kept: kept.map(plain) }, kept.flatMap(lines));
  }
  const file = options.from === undefined ? undefined : new Uint8Array(await readFileOf(options.from, 'the collateral (--from)'));
  const subject = await subjectOf(given, file, options);
  const kept =
    file === undefined
      ? await importCollateral(folder, subject, { fetch, signal, baseUrl: options.url })
      : await folder.keep(subject, file);
  output.result({ kept: [plain(kept)] }, lines(kept));
}

/** @throws INVALID_ARGUMENT when nothing, or more than one thing, says what is wanted */
async function subjectOf(given: string | undefined, file: Uint8Array | undefined, options: CollateralOptions): Promise<string> {
  if ([given, file, options.for].filter((one) => one !== undefined).length !== 1) throw usage();
  if (given !== undefined) return given;
  if (file !== undefined) return subjectText(decodeBundle(file).subject);
  return subjectOfEvidence(new Uint8Array(await readFileOf(options.for ?? '', 'the evidence (--for)')));
}

function showAll(output: Output, kept: readonly KeptCollateral[]): void {
  const rows = kept.map(({ subject, bytes, sha256, verified, error }) => ({
    subject,
    bytes,
    sha256,
    ...(verified === undefined ? { error: error?.message ?? '' } : { until: new Date(verified.untilMs).toISOString() }),
  }));
  const words = rows.map(({ subject, bytes, ...rest }) => {
    const state = 'until' in rest ? `until ${rest.until}` : `not current: ${rest.error}`;
    return `${subject.padEnd(36)}  ${String(bytes).padStart(6)} bytes  ${state}`;
  });
  output.result(
    { collateral: rows },
    words.length > 0 ? words : ['there is no collateral here: perigee collateral import SUBJECT gets it'],
  );
}

async function showOne(output: Output, folder: CollateralFolder, subject: string, target: string | undefined): Promise<void> {
  const found = await folder.get(subject);
  if (found === undefined) {
    throw new PerigeeError(
      'NOT_FOUND',
      `there is no current collateral of ${subject} here: perigee collateral import ${subject}`,
    );
  }
  if (target === undefined) return output.result(plain(found), lines(found));
  const path = resolve(target);
  await writeNamedFile(path, found.file);
  output.result({ ...plain(found), path }, [...lines(found), `file     ${path}`]);
}

function plain({ subject, file, seen, issuedMs, untilMs }: VerifiedBundle): object {
  return { subject, bytes: file.length, issued: new Date(issuedMs).toISOString(), until: new Date(untilMs).toISOString(), seen };
}

function lines({ subject, file, seen, issuedMs, untilMs }: VerifiedBundle): string[] {
  return [
    `subject  ${subject}`,
    `verified ${file.length} bytes, made ${new Date(issuedMs).toISOString()}, good until ${new Date(untilMs).toISOString()}`,
    ...Object.entries(seen).map(([name, number]) => `number   ${name} ${number}`),
  ];
}

function usage(): PerigeeError {
  const words =
    'say what to do: perigee collateral import SUBJECT (or --for EVIDENCE, or --from FILE), list, or show SUBJECT; a subject is such as intel/tdx/b0c06f000000/platform or amd/Milan/vcek';
  return new PerigeeError('INVALID_ARGUMENT', words);
}
