import { PerigeeError } from '@perigee/wire';
import type { CommandLine, OptionSpecs } from './args.ts';
import { COMMON_OPTIONS, readConfigured } from './configuration.ts';
import { createLog, type Logger } from './log.ts';
import { createOutput, type Output } from './output.ts';

/** What runs a command: its words, the wish to stop, and what the other commands know. */
export interface Invocation {
  /** Fires at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Options of all commands, which a configuration file may name; asked for where there is such a file. */
  readonly known?: () => Promise<ReadonlySet<string>>;
}

/** What a running command gets besides its options. */
export interface CommandContext {
  readonly output: Output;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** `--home`, or the command's default. */
  readonly home: string | undefined;
}

export interface Command {
  readonly name: string;
  /** What stands behind the name, as `--help` shows it. */
  readonly usage: string;
  /** What each of its verbs takes, for `--help`. */
  readonly forms?: readonly string[];
  readonly summary: string;
  readonly options: OptionSpecs;
  readonly defaultHome: string | undefined;
  run(argv: readonly string[], invocation: Invocation): Promise<void>;
}

/** Ties a command's options to the type that its body sees. */
export function defineCommand<const Specs extends OptionSpecs>(definition: {
  readonly name: string;
  readonly usage: string;
  readonly forms?: readonly string[];
  readonly summary: string;
  readonly options: Specs;
  /** Where things are kept without `--home`; a command without one insists on being told. */
  readonly defaultHome?: string;
  run(line: CommandLine<Specs & typeof COMMON_OPTIONS>, context: CommandContext): Promise<void>;
}): Command {
  const { name, usage, forms = [], summary, defaultHome } = definition;
  const options = { ...COMMON_OPTIONS, ...definition.options };
  return {
    name,
    usage,
    forms,
    summary,
    options,
    defaultHome,
    async run(argv, { signal, env = process.env, known = async () => new Set(Object.keys(options)) }) {
      const line = (await readConfigured(options, argv, { defaultHome, env, known })) as CommandLine<
        Specs & typeof COMMON_OPTIONS
      >;
      const [word] = line.positionals;
      if (usage === '' && word !== undefined) {
        const words = `perigee ${name} does not know what to do with "${word}"; --help explains it`;
        throw new PerigeeError('INVALID_ARGUMENT', words);
      }
      const { json, home, 'log-level': level } = (line as CommandLine<typeof COMMON_OPTIONS>).options;
      const context = { output: createOutput(json), log: createLog(level), signal, home: home ?? defaultHome };
      return definition.run(line, context);
    },
  };
}
