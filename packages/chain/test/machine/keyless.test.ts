import { FEE_POOL, SLASH_POOL, STAKE_POOL, SYSTEM_ADDRESS } from '@perigee/light-core/state';
import { toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { RESULT_CODE } from '../../src/index.ts';
import { genesisOf, transferTx } from '../devnet.ts';
import { drive } from './drive.ts';

const KEYLESS = { fees: FEE_POOL, slashed: SLASH_POOL, stake: STAKE_POOL, system: SYSTEM_ADDRESS };

describe('an address of the chain itself', () => {
  it.each(Object.entries(KEYLESS))('takes no transfer: %s', async (_, to) => {
    const chain = await drive();
    const raw = await transferTx(chain.genesis, { messages: [{ transfer: { to, amount: 5n } }] });
    expect((await chain.block([raw])).txResults).toMatchObject([{ code: RESULT_CODE.TX_MESSAGE }]);
    await chain.machine.close();
  });

  it.each(Object.entries(KEYLESS))('has no balance at genesis: %s', (_, address) => {
    expect(() => genesisOf({ accounts: [{ address, balance: 5n }] })).toThrow(toHex(address));
  });
});
