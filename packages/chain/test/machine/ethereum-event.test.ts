import { FLOW_ADDRESS } from '@perigee/light-core/state';
import { ethereumTxHash } from '@perigee/light-core/tx';
import { fromHex, toHex } from '@perigee/wire';
import { Transaction } from 'micro-eth-signer';
import { expect, it } from 'vitest';
import { RESULT_CODE } from '../../src/index.ts';
import { BALANCE, transferTx } from '../devnet.ts';
import { drive } from './drive.ts';
import { storingGenesis } from './storage/files.ts';

const SECRET = `0x${'46'.repeat(32)}`;

it('an Ethereum transaction is told of by its hash, whether it succeeds or fails, and no other one is', async () => {
  const address = fromHex('9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f');
  const chain = await drive(storingGenesis({ ethereumChainId: 77, accounts: [{ address, balance: BALANCE }] }));
  const call = (nonce: bigint, to: string, data: string) => {
    const fields = { chainId: 77n, nonce, maxFeePerGas: 1n, maxPriorityFeePerGas: 0n, gasLimit: 100_000n, to, value: 0n, data };
    return fromHex(
      Transaction.prepare({ type: 'eip1559', ...fields }, false)
        .signBy(SECRET, false)
        .toHex(),
    );
  };
  // pays nothing for its sector
  const submit = `0xef3e12dc${[32, 1, 96, 128, 0, 1, 7, 0].map((word) => word.toString(16).padStart(64, '0')).join('')}`;
  const raws = [call(0n, `0x${'22'.repeat(20)}`, '0x'), call(1n, `0x${toHex(FLOW_ADDRESS)}`, submit)];
  const native = await transferTx(chain.genesis);
  const { txResults } = await chain.block([...raws, native]);
  expect(txResults.map(({ code }) => code)).toEqual([0, RESULT_CODE.TX_MESSAGE, RESULT_CODE.TX_SENDER]);
  const hashes = txResults.map(({ events }) => events.filter(({ type }) => type === 'ethereum').flatMap((one) => one.attributes));
  expect(hashes).toEqual([...raws.map((raw) => [{ key: 'hash', value: toHex(ethereumTxHash(raw)), index: true }]), []]);
  await chain.machine.close();
});
