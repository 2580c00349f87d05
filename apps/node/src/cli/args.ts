import { type ParseArgsConfig, parseArgs } from 'node:util';
import { PerigeeError } from '@perigee/wire';

/** One option of a command: `--name VALUE`, or `--name` for a flag. */
export interface OptionSpec {
  readonly kind: 'text' | 'number' | 'integer' | 'flag' | 'list';
  /** For `--help`: what it does, in a sentence. */
  readonly help: string;
  /** Shown in `--help` for what follows the option. */
  readonly value?: string;
  /** One letter that stands for the option. */
  readonly short?: string;
  /** Range of a number, both ends included. */
  readonly range?: readonly [low: number, high: number];
  /** The words that a text may be. */
  readonly oneOf?: readonly string[];
}

type ValueOf<S extends OptionSpec> = S['kind'] extends 'flag'
  ? boolean
  : S['kind'] extends 'number' | 'integer'
    ? number | undefined
    : S['kind'] extends 'list'
      ? readonly string[]
      : string | undefined;

export type OptionSpecs = { readonly [name: string]: OptionSpec };
export type Options<Specs extends OptionSpecs> = { readonly [Name in keyof Specs]: ValueOf<Specs[Name]> };

/** A command line that was read: options by name and what stands beside them. */
export interface CommandLine<Specs extends OptionSpecs> {
  readonly options: Options<Specs>;
  readonly positionals: readonly string[];
}

/** Where options come from that the command line does not name: first the environment, then the file. */
export interface Layers {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly file?: ConfigFile;
}

/** A configuration file that was read: option → JSON value. */
export interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * @param argv the words behind the command's name
 * @throws INVALID_ARGUMENT that names the word, and where it was said
 */
export function readCommandLine<const Specs extends OptionSpecs>(
  specs: Specs,
  argv: readonly string[],
  { env = {}, file }: Layers = {},
): CommandLine<Specs> {
  const { values, positionals } = parse(specs, argv);
  const options: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const flag = values[name];
    const variable = env[variableOf(name)];
    if (flag !== undefined) options[name] = readWord(spec, flag, `--${name}`);
    else if (variable !== undefined && variable !== '') options[name] = readVariable(spec, variable, variableOf(name));
    else if (file !== undefined && Object.hasOwn(file.values, name)) {
      options[name] = readJson(spec, file.values[name], `"${name}" of ${file.path}`);
    } else options[name] = spec.kind === 'flag' ? false : spec.kind === 'list' ? [] : undefined;
  }
  return { options: options as Options<Specs>, positionals };
}

/** The environment variable of an option. */
export function variableOf(name: string): string {
  return `PERIGEE_${name.toUpperCase().replaceAll('-', '_')}`;
}

function parse(specs: OptionSpecs, argv: readonly string[]): { values: Record<string, unknown>; positionals: string[] } {
  const config: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { kind, short }] of Object.entries(specs)) {
    const letter = short === undefined ? {} : { short };
    config[name] = kind === 'flag' ? { type: 'boolean', ...letter } : { type: 'string', multiple: kind === 'list', ...letter };
  }
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: config, allowPositionals: true, strict: true });
    return { values, positionals };
  } catch (cause) {
    // Node explains at length; its first sentence names the word
    const [words] = String(cause instanceof Error ? cause.message : cause).split(/\.\s|\n/);
    throw new PerigeeError('INVALID_ARGUMENT', `${words}; --help lists the options`, { cause });
  }
}

function readWord(spec: OptionSpec, given: unknown, source: string): unknown {
  if (spec.kind === 'flag') return given === true;
  if (spec.kind === 'list') return given;
  if (spec.kind === 'text') return checkText(spec, String(given), source);
  const number = given === '' ? Number.NaN : Number(given);
  if (!Number.isFinite(number)) throw wrong(`${source} is "${given}", which is not a number`);
  return checkNumber(spec, number, source);
}

function readVariable(spec: OptionSpec, given: string, source: string): unknown {
  if (spec.kind === 'list') return given.split(/[\s,]+/).filter((part) => part !== '');
  if (spec.kind !== 'flag') return readWord(spec, given, source);
  if (given === '1' || given === 'true') return true;
  if (given === '0' || given === 'false') return false;
  throw wrong(`${source} is "${given}"; it must be 1 or 0`);
}

function readJson(spec: OptionSpec, given: unknown, source: string): unknown {
  const isText = typeof given === 'string';
  if (spec.kind === 'flag' && typeof given === 'boolean') return given;
  if (spec.kind === 'list' && Array.isArray(given) && given.every((part) => typeof part === 'string')) return given;
  if (spec.kind === 'text' && isText) return checkText(spec, given, source);
  if ((spec.kind === 'number' || spec.kind === 'integer') && typeof given === 'number') return checkNumber(spec, given, source);
  const wanted = { flag: 'true or false', list: 'a list of texts', text: 'a text', number: 'a number', integer: 'a number' };
  throw wrong(`${source} is ${JSON.stringify(given)}; it must be ${wanted[spec.kind]}`);
}

function checkText({ oneOf }: OptionSpec, text: string, source: string): string {
  if (oneOf !== undefined && !oneOf.includes(text)) throw wrong(`${source} is "${text}"; it must be one of ${oneOf.join(', ')}`);
  return text;
}

function checkNumber({ kind, range }: OptionSpec, number: number, source: string): number {
  const [low, high] = range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (number < low || number > high) throw wrong(`${source} is ${number}; it must be ${low} to ${high}`);
  if (kind === 'integer' && !Number.isInteger(number)) throw wrong(`${source} is ${number}, which is not a whole number`);
  return number;
}

function wrong(words: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', words);
}
