import { createServer } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { createMonitor, startMonitor } from '../src/health/monitor.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function monitor(checks: Record<string, () => string | undefined>) {
  const started = await startMonitor({
    host: '127.0.0.1',
    port: 0,
    monitor: createMonitor(
      [
        { name: 'perigee_height', help: 'A height.', kind: 'gauge', read: () => 7 },
        { name: 'perigee_nothing', help: 'Not known yet.', kind: 'gauge', read: () => undefined },
        { name: 'perigee_faults_total', help: 'Faults.', kind: 'counter', label: 'code', read: () => new Map([['BUSY', 2]]) },
      ],
      checks,
    ),
  });
  stops.push(() => started.close());
  return started.url;
}

it('serves figures as they are now, however often it is asked', async () => {
  const url = await monitor({});
  for (let i = 0; i < 2; i++) {
    const answer = await fetch(`${url}metrics`);
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('perigee_height 7');
    expect(text).toContain('perigee_faults_total{code="BUSY"} 2');
    expect(text).toContain('# HELP perigee_nothing');
  }
});

it('says what is not well, with 503', async () => {
  let words: string | undefined;
  const url = await monitor({ chain: () => words, store: () => undefined });
  expect((await fetch(`${url}healthz`)).status).toBe(200);
  words = 'no new block for 31 s';
  const answer = await fetch(`${url}healthz`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ status: 'failing', checks: { chain: words, store: 'ok' } });
});

it('takes nothing, and knows no other page', async () => {
  const url = await monitor({});
  expect((await fetch(`${url}metrics`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${url}other`)).status).toBe(404);
});

it('names the port that is taken, and what to do', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  stops.push(() => new Promise((resolve) => other.close(() => resolve())));
  await expect(startMonitor({ host: '127.0.0.1', port, monitor: createMonitor([], {}) })).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringMatching(new RegExp(`port ${port}.*--metrics-port`)),
  });
});
