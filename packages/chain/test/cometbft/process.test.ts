import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@perigee/net';
import type { PerigeeError } from '@perigee/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { lastWords } from '../../src/cometbft/last-words.ts';
import { CometProcess } from '../../src/cometbft/process.ts';

const STOPPED = 'CONSENSUS FAILURE!!!';
/** As CometBFT v0.38.25 writes that a proposer's block names another chain: the name is the proposer's. */
const quoting = (words: string) =>
  JSON.stringify({
    _msg: 'prevote step: consensus deems this block invalid; prevoting nil',
    err: `wrong Block.Header.ChainID. Expected test-00000000, got ${words}`,
    level: 'error',
    module: 'consensus',
  });
const stopped = (err: string) =>
  JSON.stringify({ _msg: STOPPED, err, level: 'error', module: 'consensus', stack: 'goroutine 1' });

describe('a process that writes what strangers say', () => {
  it('is ended by what it says itself, and by no word of theirs', async () => {
    const dir = temporaryFolder('process');
    const program = join(dir, 'program');
    const lines = [quoting(STOPPED), `${JSON.stringify({ _msg: 'still here', level: 'info' })}`, stopped('the state is another')];
    // the last line comes late: until then it must be alive
    const [first, second, last] = lines.map((line) => `'${line}'`);
    writeFileSync(program, `#!/bin/sh\necho ${first}\nsleep 0.5\necho ${second}\necho ${last}\nexec sleep 60\n`);
    chmodSync(program, 0o755);
    const written: string[] = [];
    const ended: PerigeeError[] = [];
    const cometbft = new CometProcess({
      program,
      home: dir,
      rpcSocket: join(dir, 'rpc.sock'),
      clock: systemClock,
      onLine: (line) => written.push(line),
      explain: (words) => words,
      onEnd(error) {
        ended.push(error);
        void cometbft.stop();
      },
    });
    await cometbft.run();
    expect(written).toEqual(lines);
    expect(ended).toMatchObject([{ code: 'BLOCK', message: expect.stringContaining('the state is another') }]);
  });
});

describe('a process that waits for nothing any more', () => {
  it('is ended where its state sync has failed', async () => {
    const dir = temporaryFolder('process');
    const program = join(dir, 'program');
    const failed = JSON.stringify({ _msg: 'State sync failed', err: 'state sync aborted', level: 'error', module: 'statesync' });
    writeFileSync(program, `#!/bin/sh\necho '${failed}'\nexec sleep 60\n`);
    chmodSync(program, 0o755);
    const options = { program, home: dir, rpcSocket: join(dir, 'rpc.sock'), clock: systemClock, onLine: () => {} };
    const ended = new Promise<PerigeeError>((resolve) => {
      const cometbft = new CometProcess({
        ...options,
        explain: (words) => words,
        onEnd(error) {
          void cometbft.stop();
          resolve(error);
        },
      });
      void cometbft.run();
      onTestFinished(() => cometbft.stop());
    });
    const words =
      'state sync aborted","level":"error","module":"statesync"}; begin with an empty home, or from the snapshot of other nodes';
    expect(await ended).toMatchObject({ code: 'BLOCK', message: expect.stringContaining(words) });
  });
});

describe('the reason of an end', () => {
  it('is not what a stranger had it quote', () => {
    const words = 'AppHash does not match AppHash after replay, no space left on device';
    expect(lastWords([quoting(words), 'panic: runtime error'], 'exit code 2')).toMatchObject({
      code: 'INTERNAL',
      message: 'CometBFT ended with exit code 2: panic: runtime error',
    });
  });

  it('is what it says in plain words, or with the end of consensus', () => {
    const plain = 'Error: failed to create node: the state height (3) is higher than core (2)';
    expect(lastWords([plain], 'exit code 1')).toMatchObject({ code: 'STORE_CORRUPT' });
    expect(lastWords([stopped('write: no space left on device')], 'SIGKILL')).toMatchObject({ code: 'STORE_FULL' });
    expect(lastWords([stopped('nil pointer')], 'SIGKILL')).toMatchObject({ code: 'BLOCK' });
  });
});
