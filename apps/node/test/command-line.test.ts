import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { readCommandLine } from '../src/cli/args.ts';
import { defineCommand } from '../src/cli/command.ts';
import { commandHelp, generalHelp } from '../src/cli/help.ts';
import { bench } from '../src/commands/bench.ts';
import { devnet } from '../src/commands/devnet.ts';
import { get } from '../src/commands/get.ts';
import { allCommands, commandOf } from '../src/commands/index.ts';
import { keys } from '../src/commands/keys.ts';
import { kv } from '../src/commands/kv.ts';
import { light } from '../src/commands/light.ts';
import { node } from '../src/commands/node.ts';
import { publish } from '../src/commands/publish.ts';
import { put } from '../src/commands/put.ts';
import { sample } from '../src/commands/sample.ts';
import { status } from '../src/commands/status.ts';
import { tx } from '../src/commands/tx.ts';
import { makeFolder } from '../src/files.ts';

const SPECS = {
  home: { kind: 'text', help: 'a folder' },
  port: { kind: 'number', range: [0, 65_535], help: 'a port' },
  quick: { kind: 'flag', help: 'in a hurry' },
  key: { kind: 'list', help: 'a key' },
} as const;

const context = { signal: new AbortController().signal, env: {} };

/** The refusal of a command line. */
function refused(words: string): object {
  return expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(words) });
}

describe('a command line', () => {
  it('gives options their types and leaves the rest as words', () => {
    expect(readCommandLine(SPECS, ['--home', 'x', 'FILE', '--port=7', '--quick', '--key', 'a', '--key', 'b'])).toEqual({
      options: { home: 'x', port: 7, quick: true, key: ['a', 'b'] },
      positionals: ['FILE'],
    });
    expect(readCommandLine(SPECS, []).options).toEqual({ home: undefined, port: undefined, quick: false, key: [] });
  });

  it.each([
    [['--frob'], '--frob'],
    [['--port', 'many'], '--port is "many"'],
    [['--port='], '--port is ""'],
    [['--port', '65536'], '--port is 65536; it must be 0 to 65535'],
    [['--port=-1'], '--port is -1'],
    [['--quick=yes'], '--quick'],
  ])('%j is refused by name', (argv, words) => {
    expect(() => readCommandLine(SPECS, argv)).toThrow(refused(words));
  });

  it('refuses a word that the command has no use for', async () => {
    const plain = defineCommand({ name: 'plain', usage: '', summary: '', options: {}, run: async () => {} });
    await expect(plain.run(['what'], context)).rejects.toThrow(refused('"what"'));
    await plain.run([], context);
  });
});

describe('the commands', () => {
  it.each([
    [publish, [], 'name one file'],
    [publish, ['a', 'b'], 'name one file'],
    [publish, ['a', '--redundancy', '3'], '--redundancy is 3'],
    [publish, ['a', '--namespace='], '--namespace has 0 bytes'],
    [publish, ['a', '--namespace', 'n'.repeat(29)], '--namespace has 29 bytes'],
    [publish, ['a', '--retention=0'], '--retention is 0'],
    [sample, [], 'name one blob'],
    [devnet, ['--nodes', '17'], '--nodes is 17'],
    [devnet, ['--nodes', '1.5'], '--nodes is 1.5'],
    [devnet, ['--block-ms', '0'], '--block-ms is 0'],
    [node, [], '--home'],
    [node, ['--home', 'x', '--role', 'cook'], '"cook"'],
    [node, ['--home', 'x', '--da-budget', '0'], '--da-budget is 0'],
    [node, ['--home', 'x', '--shard', '1-4'], 'write it as 1/4'],
    [node, ['--home', 'x', '--shard', '4/4'], 'there is no shard 4 of 4'],
    [node, ['--home', 'x', '--storage-budget', '0'], '--storage-budget is 0'],
    [node, ['--home', 'x', '--zgs-port', '65536'], '--zgs-port is 65536'],
    [status, ['now'], '"now"'],
    [sample, ['xyz'], '"xyz" is no blob'],
    [get, ['ab'.repeat(32)], 'name a file'],
    [get, ['ab'.repeat(32), '-o', '-', '--json'], 'standard output'],
    [get, ['ab'.repeat(32), '-o', '/'], '/ is no file'],
    [get, ['ab'.repeat(32), '--tx-seq', '1', '-o', 'x'], 'not by both'],
    [get, ['--tx-seq', '-1', '-o', 'x'], '--tx-seq'],
    [put, [], 'name one file or folder'],
    [put, ['/dev/zero'], 'no regular file'],
    [put, ['a', '--replicas', '0'], '--replicas is 0'],
    [put, ['a', '--encrypt', 'x', '--to', '02'], 'not both'],
    [put, ['a', '--to', '02'], '--to is "02"'],
    [put, [new URL('.', import.meta.url).pathname, '--to', `02${'ab'.repeat(32)}`], 'a folder is stored as it is'],
    [light, ['--budget-mib', '0'], '--budget-mib is 0'],
    [light, ['--trust', 'x'], 'at least one --peer'],
    [light, ['--trust', 'x', '--chain', 'y'], 'name one of them'],
    [devnet, ['--stakes', '1,0'], '"0"'],
    [devnet, ['--stakes', '1,2', '--nodes', '3'], '--stakes names 2'],
    [publish, ['a', '--quorum', '100'], '--quorum is 100'],
    [status, ['--trust', 'x', '--peer', '/ip4/127.0.0.1/tcp/1'], '--peer is "/ip4/127.0.0.1/tcp/1"'],
    [status, ['--chain', '/dev/zero'], 'no regular file'],
    [status, ['--config', '/dev/zero'], 'no regular file'],
    [status, ['--config', '/'], 'no regular file'],
    [publish, [new URL(import.meta.url).pathname, '--key', '/dev/zero'], 'no regular file'],
    [bench, ['--redundancy', '3'], '--redundancy is 3'],
    [kv, [], 'perigee kv get'],
    [kv, ['watch'], 'perigee kv watch'],
    [kv, ['range', 'ab'.repeat(32), 'k', 'more'], 'perigee kv range'],
    [kv, ['range', 'ab'.repeat(32), '--from', '0x'], 'not 0'],
    [kv, ['get', 'ab'.repeat(32), 'k', '--cached', '--within', '3'], 'name one of them'],
    [kv, ['get', 'ab'.repeat(32), 'k', '--height', '7', '--within', '3'], 'name one of them'],
    [light, ['--serve', '0.0.0.0:1'], 'a loopback address'],
    [kv, ['get', 'ab'.repeat(32)], 'perigee kv get'],
    [kv, ['get', 'xyz', 'key'], '"xyz" is no stream'],
    [kv, ['get', 'ab'.repeat(32), '0x'], 'not 0'],
    [kv, ['get', 'ab'.repeat(32), 'k'.repeat(1_025)], 'not 1025'],
    [kv, ['set', 'ab'.repeat(32), 'key'], 'say the value'],
    [kv, ['set', 'ab'.repeat(32), 'key', 'v', '--file', 'f'], 'one of them'],
    [kv, ['set', 'ab'.repeat(32), 'key', 'v'.repeat(65_537)], 'at most 65536'],
    [keys, [], 'keys new'],
    [keys, ['new'], 'keys new'],
    [keys, ['frob', 'x'], 'keys new'],
    [keys, ['new', '../x'], '"../x" is no name'],
    [keys, ['import', 'x'], '--from FILE'],
    [keys, ['import', 'x', '--from', new URL(import.meta.url).pathname], 'does not hold a key'],
    [tx, [], 'say what to do'],
    [tx, ['transfer'], 'transfer ACCOUNT TOKENS'],
    [tx, ['transfer', 'xyz', '1'], 'ACCOUNT is "xyz"'],
    [tx, ['transfer', '00'.repeat(18).concat('5047'), '1'], 'address of the chain itself'],
    [tx, ['transfer', 'ab'.repeat(20), '1e3'], 'TOKENS is "1e3"'],
    [tx, ['transfer', 'ab'.repeat(20), '-1'], '-1'],
    [tx, ['transfer', 'ab'.repeat(20), `0.${'1'.repeat(19)}`], 'at most 18 decimals'],
    [tx, ['transfer', 'ab'.repeat(20), '9'.repeat(40)], 'more than any chain has'],
    [tx, ['transfer', 'ab'.repeat(20), '1', '--cap', '5'], '--cap says nothing to "transfer"'],
    [tx, ['stake', '5'], '--validator-key is missing'],
    [tx, ['grant', 'ab'.repeat(32), '--may', 'everything', '--cap', '1'], '--may is "everything"'],
    [tx, ['grant', 'ab'.repeat(32), '--may', 'grantSession', '--cap', '1'], '--may is "grantSession"'],
    [tx, ['grant', 'ab'.repeat(32), '--may', 'transfer'], '--cap is missing'],
    [tx, ['revoke', 'ab'], 'KEY is "ab"'],
    [tx, ['show', 'ab'], 'ID is "ab"'],
    [tx, ['send-raw'], 'send-raw FILE|HEX'],
    [tx, ['send-raw', 'f'.repeat(9)], 'no transaction in hexadecimal'],
    [tx, ['send-raw', 'abcd'], 'these 2 bytes are no transaction'],
  ])('refuse what they cannot use, before they do anything: %#', async (command, argv, words) => {
    await expect(command.run(argv, context)).rejects.toThrow(refused(words));
  });

  it('explain themselves', async () => {
    const commands = await allCommands();
    for (const command of commands) {
      expect(await commandOf(command.name)).toBe(command);
      expect(generalHelp(commands)).toContain(command.summary);
      for (const form of command.forms ?? []) expect(commandHelp(command)).toContain(`perigee ${command.name} ${form}`);
      for (const option of Object.keys(command.options)) expect(commandHelp(command)).toContain(`--${option}`);
    }
  });

  it('find no file, key or trust root under a wrong name, and say which', async () => {
    const nowhere = '/nonexistent/perigee';
    await expect(status.run(['--chain', nowhere], context)).rejects.toMatchObject({ code: 'NOT_FOUND', data: { path: nowhere } });
    await expect(publish.run([nowhere], context)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const me = new URL(import.meta.url).pathname;
    await expect(publish.run([me, '--key', nowhere], context)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(publish.run([me, '--key', me], context)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  it.runIf(process.platform === 'linux')('end where no folder can be made, and say where', async () => {
    const me = new URL(import.meta.url).pathname;
    await expect(publish.run([me, '--home', '/proc/perigee/x'], context)).rejects.toThrow(/\/proc\/perigee/);
    await expect(makeFolder('/proc/x/y')).rejects.toMatchObject({ code: 'ENOENT', path: '/proc/x' });
    await expect(makeFolder(me)).resolves.toBeUndefined(); // what is there is left as it is
    await expect(makeFolder(join(me, 'below'))).rejects.toThrow(/ENOTDIR/);
    const deep = join(temporaryFolder('made'), 'a', 'b');
    await Promise.all([makeFolder(deep), makeFolder(deep)]);
    expect(statSync(deep).isDirectory()).toBe(true);
  });
});
