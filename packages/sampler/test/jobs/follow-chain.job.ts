import {
  bestEd25519,
  createLightClient,
  formatTime,
  openHeaderStore,
  openHeaderValues,
  RpcNode,
  systemClock,
  verifiedTx,
} from '@perigee/sampler/comet';
import { fromHex, toHex } from '@perigee/wire';

const [, , primary = '', witness = '', checkpoint = '', directory = '', tx] = process.argv;
const [chainId = '', height, hash = ''] = checkpoint.split(':');

process.once('uncaughtException', ({ message }) => {
  console.error(message);
  process.exit(1);
});
if (directory === '') throw new Error('follow-chain PRIMARY WITNESS CHAIN_ID:HEIGHT:HASH FOLDER [TRANSACTION]');

// what was verified is kept: the next run goes on from it
const values = await openHeaderValues({ name: chainId, directory });
const client = await createLightClient({
  chainId,
  checkpoints: [{ height: Number(height), headerHash: fromHex(hash) }],
  primary: new RpcNode({ url: primary }),
  witnesses: [new RpcNode({ url: witness })],
  store: await openHeaderStore({ values, chainId }),
  clock: systemClock,
  verifyEd25519: bestEd25519(crypto.subtle),
  onAttack: ({ height, againstPrimary }) => console.error(`attack at height ${height}: ${againstPrimary.kind}`),
});

const { header, headerHash, validators } = await client.update();
console.log(`header ${header.height} ${toHex(headerHash)} of ${formatTime(header.time)}, ${validators.length} validators`);

if (tx !== undefined) {
  const { height, index, result } = await verifiedTx(client, new RpcNode({ url: primary }), fromHex(tx));
  console.log(`transaction ${index} of block ${height}, code ${result.code}`);
}
await values.close();
