import { variableOf } from './args.ts';
import type { Command } from './command.ts';

/** `perigee --help`. */
export function generalHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((c) => c.name.length));
  const list = commands.map((c) => `  ${c.name.padEnd(width)}  ${c.summary}`).join('\n');
  return `perigee – a light node, and the nodes of chain, data availability, storage and compute, in one program

Usage: perigee COMMAND [options]

${list}

perigee COMMAND --help explains a command, perigee --version names this one's version. Add --json for machines. Exit code 0 means success, verified where something was to be verified.`;
}

/** `perigee COMMAND --help`. */
export function commandHelp({ name, usage, forms = [], summary, options, defaultHome }: Command): string {
  const names = Object.entries(options).map(([option, { kind, value, short, help }]) => ({
    left: `${short === undefined ? '' : `-${short}, `}--${option}${kind === 'flag' ? '' : ` ${value ?? kind.toUpperCase()}`}`,
    help: option === 'home' && defaultHome !== undefined ? `${help} (default ${defaultHome})` : help,
  }));
  const width = Math.max(0, ...names.map((n) => n.left.length));
  const list = names.map((n) => `  ${n.left.padEnd(width)}  ${n.help}`).join('\n');
  return `perigee ${name} – ${summary}

Usage: perigee ${name}${usage === '' ? '' : ` ${usage}`} [options]
${forms.map((form) => `       perigee ${name} ${form}\n`).join('')}
${list}

An option may also stand in the environment (${variableOf('log-level')}=warn) or in the configuration file ({"log-level": "warn"}).
The command line counts more than the environment, the environment more than the file.`;
}
