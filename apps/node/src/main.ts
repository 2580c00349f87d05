#!/usr/bin/env node
import { createStopController } from '@perigee/net';
import { PerigeeError } from '@perigee/wire';
import type { Command } from './cli/command.ts';
import { commandHelp, generalHelp } from './cli/help.ts';
import { createOutput } from './cli/output.ts';
import { devnet } from './commands/devnet.ts';
import { node } from './commands/node.ts';
import { publish } from './commands/publish.ts';
import { sample } from './commands/sample.ts';
import { status } from './commands/status.ts';

const COMMANDS: readonly Command[] = [node, devnet, publish, sample, status];

const code = await main(process.argv.slice(2));
// the native WebRTC library keeps a thread for its listening socket, which would keep the process when all else has ended
process.stdout.write('', () => process.exit(code));

async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  const words = argv.filter((word) => word !== '--json');
  const output = createOutput(json);
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h') {
    output.result({ commands: COMMANDS.map((c) => c.name) }, [generalHelp(COMMANDS)]);
    return 0;
  }
  const stop = createStopController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    const command = COMMANDS.find((c) => c.name === name);
    if (command === undefined)
      throw new PerigeeError('INVALID_ARGUMENT', `there is no command "${name}": perigee --help lists them`);
    if (rest.includes('--help') || rest.includes('-h')) output.result({ name, options: command.options }, [commandHelp(command)]);
    else await command.run(rest, { output, signal: stop.signal });
    return 0;
  } catch (thrown) {
    const error = PerigeeError.from(thrown);
    if (error.code === 'ABORTED' && stop.signal.aborted) return 130;
    output.error(error);
    return 1;
  }
}
