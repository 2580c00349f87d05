/** `npm run example agent-memory -- say|recall|follow`: see README.md. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ed25519Signer } from '@perigee/light-core/tx';
import { createLightNode } from '@perigee/sampler';
import { fromHex, PerigeeError } from '@perigee/wire';
import { AgentMemory, type Remembered } from './memory.ts';

const HOME = '.perigee/devnet';
const SHOWN = 20;
/** A slow machine takes longer to its first verified block than a read waits. */
const FIRST_HEAD_MS = 60_000;

const { values, positionals } = parseArgs({
  options: {
    chain: { type: 'string', default: `${HOME}/perigee-chain.json` },
    key: { type: 'string', default: `${HOME}/account.key` },
    stream: { type: 'string' },
    as: { type: 'string', default: 'user' },
  },
  allowPositionals: true,
});
const [verb, text] = positionals;
const signer = ed25519Signer(fromHex(readFileSync(values.key, 'utf8').trim(), 32));
// a stream of its own for each account, unless another is named
const stream = values.stream ?? createHash('sha256').update('agent memory').update(signer.publicKey).digest('hex');

const node = createLightNode({ trustRoot: readFileSync(values.chain, 'utf8'), follow: false, workers: 1 });
const show = ({ number, role, text, height }: Remembered): void =>
  console.log(`${number}  ${role}: ${text}  (proved by header ${height})`);
try {
  await node.start();
  await firstHead();
  const memory = new AgentMemory(node, fromHex(stream, 32));
  if (verb === 'say' && text !== undefined)
    show(await memory.remember({ role: values.as === 'agent' ? 'agent' : 'user', text }, signer));
  else if (verb === 'recall') {
    const messages = await memory.recall(SHOWN);
    for (const message of messages) show(message);
    if (messages.length === 0) console.log('nothing is remembered yet');
  } else if (verb === 'follow') {
    const stop = memory.follow(show);
    await new Promise<void>((done) => process.once('SIGINT', () => done()));
    stop();
  } else {
    console.error('say it as: agent-memory say TEXT [--as agent], agent-memory recall, or agent-memory follow');
    process.exitCode = 1;
  }
} catch (error) {
  const { code, message } = PerigeeError.from(error);
  console.error(`${message} [${code}]`);
  process.exitCode = 1;
} finally {
  await node.stop();
}

/** @throws TIMEOUT */
function firstHead(): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = node.chain.onHead(() => look());
    const timer = setTimeout(() => {
      stop();
      reject(
        new PerigeeError('TIMEOUT', `no block was verified in ${FIRST_HEAD_MS / 1_000} s: is the network running (npm start)?`),
      );
    }, FIRST_HEAD_MS);
    const look = (): void => {
      if (node.chain.head() === undefined) return;
      stop();
      clearTimeout(timer);
      resolve();
    };
    look();
  });
}
