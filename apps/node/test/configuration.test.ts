import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { variableOf } from '../src/cli/args.ts';
import { defineCommand } from '../src/cli/command.ts';

const OPTIONS = {
  port: { kind: 'integer', range: [0, 65_535], help: 'a port' },
  rate: { kind: 'number', help: 'a rate' },
  name: { kind: 'text', oneOf: ['ada', 'bob'], help: 'a name' },
  quick: { kind: 'flag', help: 'in a hurry' },
  peer: { kind: 'list', help: 'a peer' },
  output: { kind: 'text', short: 'o', help: 'a file' },
} as const;

interface Given {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: unknown;
}

/** What a command sees of its options. */
async function seen({ argv = [], env = {}, file }: Given): Promise<Record<string, unknown>> {
  const home = temporaryFolder('configuration');
  if (file !== undefined) writeFileSync(join(home, 'perigee.json'), typeof file === 'string' ? file : JSON.stringify(file));
  let options: Record<string, unknown> = {};
  const command = defineCommand({
    name: 'try',
    usage: 'WORD',
    summary: '',
    options: OPTIONS,
    async run(line) {
      options = line.options;
    },
  });
  await command.run(['--home', home, ...argv], { signal: new AbortController().signal, env });
  return options;
}

async function refusal(given: Given): Promise<string> {
  try {
    await seen(given);
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

describe('configuration', () => {
  it('counts the command line more than the environment, and that more than the file', async () => {
    const file = { port: 1, rate: 0.5, name: 'ada', quick: true, peer: ['a', 'b'] };
    expect(await seen({ file })).toMatchObject({ ...file, output: undefined });
    expect(await seen({ file, env: { PERIGEE_PORT: '2', PERIGEE_QUICK: '0', PERIGEE_PEER: 'c, d' } })).toMatchObject({
      port: 2,
      quick: false,
      peer: ['c', 'd'],
    });
    expect(await seen({ file, env: { PERIGEE_PORT: '2' }, argv: ['--port', '3', '--peer=e', '-o', 'x'] })).toMatchObject({
      port: 3,
      peer: ['e'],
      output: 'x',
      rate: 0.5,
    });
  });

  it('takes an empty variable for none', async () => {
    expect(await seen({ file: { port: 1 }, env: { PERIGEE_PORT: '' } })).toMatchObject({ port: 1 });
  });

  it('names variables after options', () => {
    expect(variableOf('log-level')).toBe('PERIGEE_LOG_LEVEL');
  });

  it.each([
    [{ file: { prot: 1 } }, 'no command has an option "prot"'],
    [{ file: { home: 'x' } }, '"home" can only be said'],
    [{ file: { port: '1' } }, '"port" of'],
    [{ file: { port: 1.5 } }, 'not a whole number'],
    [{ file: { port: 65_536 } }, 'it must be 0 to 65535'],
    [{ file: { quick: 1 } }, 'it must be true or false'],
    [{ file: { peer: 'a' } }, 'it must be a list of texts'],
    [{ file: { name: 'eve' } }, 'it must be one of ada, bob'],
    [{ file: '{' }, 'it is not JSON'],
    [{ file: '[]' }, 'it is not a JSON object'],
    [{ env: { PERIGEE_PORT: 'many' } }, 'PERIGEE_PORT is "many"'],
    [{ env: { PERIGEE_QUICK: 'yes' } }, 'PERIGEE_QUICK is "yes"'],
    [{ env: { PERIGEE_NAME: 'eve' } }, 'PERIGEE_NAME is "eve"'],
    [{ argv: ['--log-level', 'loud'] }, '--log-level is "loud"'],
  ] as const)('refuses %j by name', async (given, words) => {
    expect(await refusal(given)).toContain(words);
  });

  it('is not looked for where the home is a file, and must be there when it is named', async () => {
    const folder = temporaryFolder('configuration');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'file'), '');
    await expect(seen({ argv: ['--home', join(folder, 'file')] })).resolves.toBeDefined();
    await expect(seen({ argv: ['--config', join(folder, 'none.json')] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
