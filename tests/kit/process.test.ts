import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startProcess, temporaryFolder } from './index.ts';

function script(text: string): string {
  const file = `${temporaryFolder()}/program.mjs`;
  writeFileSync(file, text);
  return file;
}

test('waits for READY, collects output, and stops', async () => {
  const child = startProcess(
    script(`process.on('SIGTERM', () => { console.log('bye'); process.exit(3); }); setInterval(() => {}, 1000);
      console.log('starting'); console.error('aside'); console.log('READY ' + JSON.stringify({ port: process.env.PORT, args: process.argv.slice(2) }));`),
    ['--home', 'x'],
    { env: { PORT: '5' } },
  );
  expect(await child.ready()).toEqual({ port: '5', args: ['--home', 'x'] });
  expect((await child.line(/^start(.*)$/))[1]).toBe('ing');
  expect(await child.stop()).toEqual({ code: 3, signal: null });
  expect(child.output()).toContain('aside');
  expect(child.stdout()).toMatch(/^starting\nREADY .*\nbye\n$/);
});

test('kills at once', async () => {
  const file = `${temporaryFolder()}/cleaned`;
  const child = startProcess(
    script(`import { writeFileSync } from 'node:fs'; process.on('exit', () => writeFileSync(${JSON.stringify(file)}, ''));
      console.log('READY {}'); setInterval(() => {}, 1000);`),
  );
  await child.ready();
  expect(await child.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  expect(existsSync(file)).toBe(false);
});

test('says what a process wrote that ended before it was ready', async () => {
  const child = startProcess(script(`console.error('no disk'); process.exit(1);`));
  await expect(child.ready()).rejects.toThrow(/ended with 1 without[\s\S]*no disk/);
});

test('says when a process is not ready in time', async () => {
  const child = startProcess(script(`setInterval(() => {}, 1000);`));
  await expect(child.ready(100)).rejects.toThrow(/ran for 100 ms/);
  await child.kill();
});
