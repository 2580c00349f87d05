import { nobleEd25519 } from '@perigee/light-core/signature';
import { PerigeeError } from '@perigee/wire';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { RESULT_CODE, StateMachine } from '../../src/index.ts';
import { genesisOf, transferTx } from '../devnet.ts';
import { finalizeOf } from './drive.ts';

it('a verifier that fails is this node’s failure: the mempool refuses for now, and no block counts the transaction as false', async () => {
  const genesis = genesisOf();
  let code: 'BUSY' | 'INTERNAL' | undefined = 'BUSY';
  const machine = await StateMachine.open({
    dir: temporaryFolder('busy'),
    verifyEd25519: async (...signed) => {
      if (code !== undefined) throw new PerigeeError(code, 'no worker is free');
      return nobleEd25519(...signed);
    },
  });
  await machine.initChain(genesis.initChain);
  const raw = await transferTx(genesis);
  expect(await machine.checkTx({ tx: raw, type: 'new' })).toMatchObject({ code: RESULT_CODE.BUSY });
  await expect(machine.finalizeBlock(finalizeOf([raw], 1))).rejects.toMatchObject({ code: 'BUSY' });
  code = 'INTERNAL';
  await expect(machine.finalizeBlock(finalizeOf([raw], 1))).rejects.toMatchObject({ code: 'INTERNAL' });
  code = undefined;
  expect((await machine.finalizeBlock(finalizeOf([raw], 1))).txResults).toMatchObject([{ code: 0 }]);
  await machine.close();
});
