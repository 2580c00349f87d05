/**
 * Run as a process of its own: a network whose chain has 100 validators and stands still until it is told to make a block.
 * Prints `READY {url, trustRoot, now}`; `POST url?blob=1` makes a block a second later, begins to publish a blob, and answers with the height.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StateMachine } from '@perigee/chain';
import { startLocalNetwork } from '../../../../tests/kit/local-network.ts';
import { TickingClock } from '../../../../tests/kit/ticking-clock.ts';

const VALIDATORS = 100;
const BLOCK_MS = 1_000;
/** Blocks after which the set changes; the ordinary run is shorter than an hour. */
const HOUR = process.env.PERIGEE_LONG === '1' ? 3_600 : 60;
const POWER = 10;
const BLOB_BYTES = 200_000;
const LISTEN = { host: '127.0.0.1', websocket: 0 };

// the chain of a local network has no rules of stake, by which its validators would change
const finalize = StateMachine.prototype.finalizeBlock;
StateMachine.prototype.finalizeBlock = async function (request) {
  const response = await finalize.call(this, request);
  if (request.height % HOUR !== 0) return response;
  const hour = request.height / HOUR;
  const publicKey = { ed25519: network?.validators[hour % VALIDATORS]?.publicKey ?? new Uint8Array(32), secp256k1: undefined };
  return { ...response, validatorUpdates: [{ publicKey, power: POWER + (hour % POWER) }] };
};

const clock = new TickingClock(Date.now());
let network: Awaited<ReturnType<typeof startLocalNetwork>> | undefined;
// until all are there, blocks come by themselves
const starting = setInterval(() => clock.advance(BLOCK_MS), 20);
network = await startLocalNetwork({
  clock,
  blockMs: BLOCK_MS,
  validators: VALIDATORS,
  members: 2,
  hostOptions: async () => ({ listen: LISTEN }),
});
clearInterval(starting);
const { chain } = network;

/** Why a blob was not published: whoever asks for the next block hears of it. */
let failure: unknown;

async function tick(withBlob: boolean): Promise<number> {
  if (failure !== undefined) throw failure;
  const height = chain.latest().height + 1;
  if (withBlob) {
    network?.publish(BLOB_BYTES, 86_400).catch((error: unknown) => {
      failure = error;
    });
  }
  clock.advance(BLOCK_MS);
  await network?.untilHeight(height);
  return height;
}

let turn: Promise<unknown> = Promise.resolve();
const server = createServer((request, response) => {
  response.setHeader('Access-Control-Allow-Origin', '*');
  const made = turn.then(() => tick(request.url?.includes('blob=1') === true));
  turn = made.catch(() => {});
  made.then(
    (height) => response.end(JSON.stringify({ height, now: clock.now() })),
    (error) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  console.log(`READY ${JSON.stringify({ url, trustRoot: network?.trustRoot(), now: clock.now() })}`);
});
process.once('SIGTERM', () => process.exit());
