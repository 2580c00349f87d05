import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PerigeeError } from '@perigee/wire';
import { type CommandLine, type ConfigFile, type OptionSpecs, readCommandLine } from './args.ts';

/** What each command takes besides its own options. */
export const COMMON_OPTIONS = {
  home: { kind: 'text', value: 'DIR', help: 'folder of what is kept between runs' },
  config: { kind: 'text', value: 'FILE', help: 'configuration (default: perigee.json in the home, where there is one)' },
  json: { kind: 'flag', help: 'write for machines' },
  'log-level': {
    kind: 'text',
    value: 'LEVEL',
    oneOf: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    help: 'what is logged to standard error: trace, debug, info, warn, error, silent (default info)',
  },
} as const satisfies OptionSpecs;

/** Say where the file is and how to speak of it: a file cannot set them. */
const NOT_IN_FILE = new Set(['home', 'config', 'json']);
/** A configuration file, bytes: whoever names the wrong file is told so before it is read whole. */
const MAX_CONFIG_BYTES = 1 << 20;

export interface ConfigurationOptions {
  /** Home of a command that was given none. */
  readonly defaultHome: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Options of all commands, since one file may serve several; asked for where there is a file. */
  readonly known: () => Promise<ReadonlySet<string>>;
}

/**
 * The options of a command: what the command line says, else the environment, else the file.
 *
 * @throws INVALID_ARGUMENT, NOT_FOUND
 */
export async function readConfigured<const Specs extends OptionSpecs & typeof COMMON_OPTIONS>(
  specs: Specs,
  argv: readonly string[],
  { defaultHome, env, known }: ConfigurationOptions,
): Promise<CommandLine<Specs>> {
  const { home, config } = readCommandLine(COMMON_OPTIONS, commonWords(specs, argv), { env }).options;
  const folder = home ?? defaultHome;
  const path = config ?? (folder === undefined ? undefined : join(folder, 'perigee.json'));
  const file = path === undefined ? undefined : await readConfigFile(resolve(path), config !== undefined, known);
  return readCommandLine(specs, argv, file === undefined ? { env } : { env, file });
}

/** The command line with its common options only; it is checked whole on the way. */
function commonWords(specs: OptionSpecs, argv: readonly string[]): string[] {
  const { options } = readCommandLine(specs, argv);
  const { home, config } = options;
  return [...(typeof home === 'string' ? [`--home=${home}`] : []), ...(typeof config === 'string' ? [`--config=${config}`] : [])];
}

async function readConfigFile(
  path: string,
  isNamed: boolean,
  known: ConfigurationOptions['known'],
): Promise<ConfigFile | undefined> {
  let text: string;
  try {
    const found = statSync(path);
    if (!found.isFile()) throw wrong(path, 'it is no regular file');
    if (found.size > MAX_CONFIG_BYTES) throw wrong(path, `it has more than ${MAX_CONFIG_BYTES} bytes`);
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (!isNamed && cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return;
    if (cause instanceof PerigeeError) throw cause;
    throw new PerigeeError('NOT_FOUND', `the configuration ${path} cannot be read`, { cause, data: { path } });
  }
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (cause) {
    throw wrong(path, `it is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) throw wrong(path, 'it is not a JSON object');
  const options = await known();
  for (const name of Object.keys(values)) {
    if (NOT_IN_FILE.has(name)) throw wrong(path, `"${name}" can only be said on the command line or in the environment`);
    if (!options.has(name)) throw wrong(path, `no command has an option "${name}"`);
  }
  return { path, values: values as Readonly<Record<string, unknown>> };
}

function wrong(path: string, why: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', `the configuration ${path} cannot be used: ${why}`, { data: { path } });
}
