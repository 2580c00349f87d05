#!/usr/bin/env node
import { createStopController } from '@perigee/net/abort';
import { PerigeeError } from '@perigee/wire';
import program from '../package.json' with { type: 'json' };
import { commandHelp, generalHelp } from './cli/help.ts';
import { createOutput, surviveLostOutput } from './cli/output.ts';
import { plainError } from './cli/system-error.ts';
import { allCommands, commandOf } from './commands/index.ts';

const lostOutput = surviveLostOutput();
const output = createOutput(process.argv.includes('--json') || ['1', 'true'].includes(process.env.PERIGEE_JSON ?? ''));
// not awaited here: parts of the program that a command loads may import this file, and would wait for its end
void main(process.argv.slice(2)).then((code) => {
  process.stdout.write('', () => setImmediate(end, code)); // a stream tells of its errors a turn after its callbacks
});

function end(code: number): void {
  const lost = code === 0 ? lostOutput() : undefined;
  if (lost !== undefined) output.error(lost);
  // the native WebRTC library keeps a thread for its listening socket, which would keep the process when all else has ended
  process.exit(lost === undefined ? code : 1);
}

async function main(argv: readonly string[]): Promise<number> {
  const words = argv[0] === '--json' ? argv.slice(1) : argv;
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h') {
    const commands = await allCommands();
    output.result({ commands: commands.map((c) => c.name) }, generalHelp(commands).split('\n'));
    return 0;
  }
  if (name === '--version') {
    const { version } = program;
    output.result({ version }, [version]);
    return 0;
  }
  const stop = createStopController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    const command = await commandOf(name);
    if (command === undefined)
      throw new PerigeeError('INVALID_ARGUMENT', `there is no command "${name}": perigee --help lists them`);
    if (rest.includes('--help') || rest.includes('-h')) {
      output.result({ name, options: command.options }, commandHelp(command).split('\n'));
    } else {
      await command.run(rest, { signal: stop.signal, known: optionsOfAll });
    }
    return 0;
  } catch (thrown) {
    const error = plainError(thrown);
    if (error.code === 'ABORTED' && stop.signal.aborted) return 130;
    output.error(error);
    return 1;
  }
}

/** A configuration file may name what another command takes. */
async function optionsOfAll(): Promise<Set<string>> {
  return new Set((await allCommands()).flatMap(({ options }) => Object.keys(options)));
}
