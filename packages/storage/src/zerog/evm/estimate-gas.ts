import { FLOW_ADDRESS, isKeyless, SYSTEM_ADDRESS } from '@perigee/light-core/state';
import { type Call, gasOfCall } from '@perigee/light-core/tx';
import { equal, PerigeeError, toHex } from '@perigee/wire';
import { RpcError } from '../rpc-error.ts';
import { accountIn, type StateAt } from './chain-view.ts';
import { reverted, trySubmits } from './flow-contract.ts';
import type { EthereumParams } from './params.ts';
import { RPC_CODE } from './rpc-error.ts';

/**
 * Gas that a call takes at most. Files are submitted to a copy of the flow, and the sender must have what the call takes; other calls may still fail for
 * what only their block knows.
 *
 * @param from none when the client does not say
 * @throws RpcError
 */
export async function estimateGas(
  call: Call,
  from: Uint8Array | undefined,
  state: StateAt,
  params: EthereumParams,
): Promise<number> {
  const gas = readGas(call);
  let cost = call.value;
  if (equal(call.to, FLOW_ADDRESS)) cost = (await trySubmits(call, state, params)).price;
  else if (!equal(call.to, SYSTEM_ADDRESS) && isKeyless(call.to)) {
    throw reverted(`address ${toHex(call.to)} is the chain's own: nobody could send the tokens on`);
  }
  if (from === undefined) return gas;
  const { balance } = await accountIn(state, from);
  const needed = cost + BigInt(gas) * params.gasPrice;
  if (balance >= needed) return gas;
  throw new RpcError(
    RPC_CODE.server,
    `insufficient funds for gas * price + value: address 0x${toHex(from)} have ${balance} want ${needed}`,
  );
}

function readGas(call: Call): number {
  try {
    return gasOfCall(call);
  } catch (error) {
    const { code, message } = PerigeeError.from(error);
    if (code !== 'TX_MESSAGE') throw error;
    throw reverted(message);
  }
}
