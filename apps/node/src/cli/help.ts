import type { Command } from './command.ts';

/** `perigee --help`. */
export function generalHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((c) => c.name.length));
  const list = commands.map((c) => `  ${c.name.padEnd(width)}  ${c.summary}`).join('\n');
  return `perigee – light node, data availability node and chain in one program\n\nUsage: perigee COMMAND [options]\n\n${list}\n\nperigee COMMAND --help explains a command. Add --json for machines. Exit code 0 means success, verified where something was to be verified.`;
}

/** `perigee COMMAND --help`. */
export function commandHelp(command: Command): string {
  const names = Object.entries(command.options).map(([name, spec]) => ({
    left: `--${name}${spec.kind === 'flag' ? '' : ` ${spec.value ?? spec.kind.toUpperCase()}`}`,
    help: spec.help,
  }));
  const width = Math.max(0, ...names.map((n) => n.left.length));
  const list = names.map((n) => `  ${n.left.padEnd(width)}  ${n.help}`).join('\n');
  return `perigee ${command.name} – ${command.summary}\n\nUsage: perigee ${command.name}${command.usage === '' ? '' : ` ${command.usage}`} [options]\n\n${list}`;
}
