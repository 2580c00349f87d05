import { PerigeeError } from '@perigee/wire';
import { type CommandLine, type OptionSpecs, readCommandLine } from './args.ts';
import type { Output } from './output.ts';

/** What a running command gets: words, a place to write, and the wish to stop. */
export interface CommandContext {
  readonly output: Output;
  /** Fires at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

export interface Command {
  readonly name: string;
  /** What stands behind the name, as `--help` shows it. */
  readonly usage: string;
  readonly summary: string;
  readonly options: OptionSpecs;
  run(argv: readonly string[], context: CommandContext): Promise<void>;
}

/** Ties a command's options to the type that its body sees. */
export function defineCommand<const Specs extends OptionSpecs>(definition: {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly options: Specs;
  run(line: CommandLine<Specs>, context: CommandContext): Promise<void>;
}): Command {
  return {
    ...definition,
    run(argv, context) {
      const line = readCommandLine(definition.options, argv);
      const [word] = line.positionals;
      if (definition.usage === '' && word !== undefined) {
        throw new PerigeeError(
          'INVALID_ARGUMENT',
          `perigee ${definition.name} does not know what to do with "${word}"; --help explains it`,
        );
      }
      return definition.run(line, context);
    },
  };
}
