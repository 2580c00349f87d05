import { type ParseArgsConfig, parseArgs } from 'node:util';
import { PerigeeError } from '@perigee/wire';

/** One option of a command: `--name VALUE`, or `--name` for a flag. */
export interface OptionSpec {
  readonly kind: 'text' | 'number' | 'flag' | 'list';
  /** For `--help`: what it does, in a sentence. */
  readonly help: string;
  /** Shown in `--help` for what follows the option. */
  readonly value?: string;
  /** Range of a number, both ends included. */
  readonly range?: readonly [low: number, high: number];
}

type ValueOf<S extends OptionSpec> = S['kind'] extends 'flag'
  ? boolean
  : S['kind'] extends 'number'
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

/**
 * @param argv the words behind the command's name
 * @throws INVALID_ARGUMENT that names the word
 */
export function readCommandLine<const Specs extends OptionSpecs>(specs: Specs, argv: readonly string[]): CommandLine<Specs> {
  const config: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, spec] of Object.entries(specs)) {
    config[name] = spec.kind === 'flag' ? { type: 'boolean' } : { type: 'string', multiple: spec.kind === 'list' };
  }
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...argv], options: config, allowPositionals: true, strict: true });
  } catch (cause) {
    // Node explains at length; its first sentence names the word
    const [words] = String(cause instanceof Error ? cause.message : cause).split(/\.\s|\n/);
    throw new PerigeeError('INVALID_ARGUMENT', `${words}; --help lists the options`, { cause });
  }
  const options: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(specs)) options[name] = readValue(name, spec, parsed.values[name]);
  return { options: options as Options<Specs>, positionals: parsed.positionals };
}

function readValue(name: string, spec: OptionSpec, given: unknown): unknown {
  if (spec.kind === 'flag') return given === true;
  if (spec.kind === 'list') return given ?? [];
  if (given === undefined || spec.kind === 'text') return given;
  const number = Number(given);
  if (!Number.isFinite(number) || given === '')
    throw new PerigeeError('INVALID_ARGUMENT', `--${name} is "${given}", which is not a number`);
  const [low, high] = spec.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (number < low || number > high) {
    throw new PerigeeError('INVALID_ARGUMENT', `--${name} is ${number}; it must be ${low} to ${high}`);
  }
  return number;
}
