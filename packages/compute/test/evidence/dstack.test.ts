import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { AGENT_TIMEOUT_MS, fromHex, MAX_AGENT_ANSWER_BYTES, type PerigeeError, toHex, utf8 } from '@perigee/wire';
import { afterEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { dstackSource } from '../../src/evidence/index.ts';
import { type DstackEvent, replayedRegisters, runtimeEvent } from '../../src/evidence/simulated/event-log/dstack-log.ts';
import { Simulation } from '../../src/evidence/simulated/index.ts';

const simulation = new Simulation({ seed: randomBytes(16), clock: { now: () => Date.now() } });
const signal = AbortSignal.timeout(AGENT_TIMEOUT_MS);
const reportData = Uint8Array.from({ length: 64 }, (_, i) => 255 - i);
const compose = '{"manifest_version":2,"name":"x"}';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

type Answer = (request: IncomingMessage, response: ServerResponse, body: Record<string, string>) => unknown;

/** An agent on a socket of its own. */
async function agent(answer: Answer): Promise<string> {
  const socket = join(await temporaryFolder(), 'dstack.sock');
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    await answer(request, response, JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return socket;
}

/** What dstack's agent does, with a simulated processor below. */
function honest(): Answer {
  let events: DstackEvent[] = simulation.eventLog(sha256(utf8(compose)));
  return async (request, response, body) => {
    const answers: Record<string, () => unknown> = {
      '/GetQuote': async () => {
        const source = simulation.source('intel-tdx', events);
        const { bytes, eventLog } = await source.quote(fromHex(body.report_data ?? ''), signal);
        return { quote: toHex(bytes), event_log: eventLog, report_data: body.report_data, vm_config: '{}' };
      },
      '/Info': () => ({
        app_id: '00'.repeat(20),
        instance_id: '01'.repeat(20),
        tcb_info: JSON.stringify({ compose_hash: toHex(sha256(utf8(compose))), app_compose: compose }),
      }),
      '/EmitEvent': () => {
        events = [...events, runtimeEvent(body.event ?? '', fromHex(body.payload ?? ''))];
        return {};
      },
    };
    const found = answers[request.url ?? ''];
    if (found === undefined || request.method !== 'POST') response.writeHead(404).end('no such method');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(await found()));
  };
}

it('gets a quote that binds what was given, with an event log that gives its registers', async () => {
  const source = dstackSource({ socket: await agent(honest()) });
  await source.emitEvent('model-root', Uint8Array.of(1, 2, 3), signal);
  const made = await source.quote(reportData, signal);
  expect(made.bytes.subarray(568, 632)).toEqual(reportData);
  const events = JSON.parse(made.eventLog ?? '') as DstackEvent[];
  expect(events.at(-1)).toMatchObject({ event: 'model-root', event_payload: '010203' });
  const registers = replayedRegisters(events);
  for (const [i, register] of registers.entries()) expect(made.bytes.subarray(376 + 48 * i, 424 + 48 * i)).toEqual(register);
});

it('tells what the agent says of its guest', async () => {
  const source = dstackSource({ socket: await agent(honest()) });
  expect(await source.info(signal)).toEqual({
    appId: '00'.repeat(20),
    instanceId: '01'.repeat(20),
    composeHash: toHex(sha256(utf8(compose))),
    appCompose: compose,
  });
});

const json =
  (value: unknown): Answer =>
  (_, response) =>
    response.end(JSON.stringify(value));

it.each<[string, Answer, string, RegExp]>([
  ['no JSON', (_, response) => response.end('<html>'), 'PARSE', /no JSON object/],
  ['a list', json([]), 'PARSE', /no JSON object/],
  ['no quote', json({ event_log: '[]' }), 'PARSE', /no text "quote"/],
  ['a quote that is no hexadecimal', json({ quote: 'zz', event_log: '' }), 'PARSE', /not an even number/],
  ['a quote of a few bytes', json({ quote: '0400', event_log: '' }), 'PARSE', /2 bytes are no intel-tdx evidence/],
  ['a quote of another kind', json({ quote: '09'.repeat(5_000), event_log: '' }), 'PARSE', /of a version that is known/],
  ['a quote without end', json({ quote: '00'.repeat(200_000), event_log: '' }), 'FRAME_TOO_LARGE', /at most 131072 are read/],
  ['an error', (_, response) => response.writeHead(500).end('quoting failed'), 'REFUSED', /status 500: quoting failed/],
  [
    'an answer cut short',
    (_, response) => response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy()),
    'UNREACHABLE',
    /could not be asked/,
  ],
])('refuses an agent that answers with %s', async (_, answer, code, words) => {
  const failed = await refused(dstackSource({ socket: await agent(answer) }).quote(reportData, signal));
  expect([failed.code, failed.message]).toEqual([code, expect.stringMatching(words)]);
});

it('refuses a quote that is not the one that was asked for', async () => {
  const old = await simulation.source('intel-tdx').quote(new Uint8Array(64), signal);
  const stale = json({ quote: toHex(old.bytes), event_log: '[]' });
  const failed = await refused(dstackSource({ socket: await agent(stale) }).quote(reportData, signal));
  expect([failed.code, failed.message]).toEqual(['REFUSED', expect.stringMatching(/binds other report data/)]);
});

it('reads no more of a giant answer than it must', async () => {
  let sent = 0;
  const flood: Answer = async (_, response) => {
    const chunk = Buffer.alloc(1 << 20, 0x20);
    for (; sent < 256 && !response.destroyed; sent++) {
      if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    }
  };
  const failed = await refused(dstackSource({ socket: await agent(flood) }).quote(reportData, signal));
  expect([failed.code, failed.message]).toEqual(['FRAME_TOO_LARGE', expect.stringMatching(String(MAX_AGENT_ANSWER_BYTES))]);
  expect(sent).toBeLessThan(32);
});

it('does not wait for a silent socket, nor after its caller gave up', async () => {
  const silent = dstackSource({ socket: await agent(() => {}), timeoutMs: 100 });
  expect((await refused(silent.quote(reportData, signal))).code).toBe('TIMEOUT');
  expect((await refused(silent.quote(reportData, AbortSignal.abort()))).code).toBe('ABORTED');
});

it('says where there is no agent, and what it will not ask for', async () => {
  const nowhere = dstackSource({ socket: join(await temporaryFolder(), 'none.sock') });
  const failed = await refused(nowhere.quote(reportData, signal));
  expect([failed.code, failed.message]).toEqual([
    'UNREACHABLE',
    expect.stringMatching(/no dstack guest, or its socket is not mounted/),
  ]);
  expect((await refused(nowhere.quote(new Uint8Array(65), signal))).code).toBe('INVALID_ARGUMENT');
  expect((await refused(nowhere.emitEvent('no name', new Uint8Array(), signal))).code).toBe('INVALID_ARGUMENT');
  // longer than verifiers take: it would spoil the register for good
  expect((await refused(nowhere.emitEvent('x'.repeat(65), new Uint8Array(), signal))).code).toBe('INVALID_ARGUMENT');
  expect((await refused(nowhere.emitEvent('x', new Uint8Array(20_000), signal))).code).toBe('INVALID_ARGUMENT');
});

function refused(work: Promise<unknown>): Promise<PerigeeError> {
  return work.then(
    () => Promise.reject(new Error('it passed')),
    (error: PerigeeError) => error,
  );
}
