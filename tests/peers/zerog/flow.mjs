// Runs 0G's own Flow contract, whose compiled code is in its SDK, in an Ethereum virtual machine: submissions in, one JSON list on standard input;
// out what it made of each: its place, its name and the root of the flow after it, or that it was refused.

import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';
import { createEVM } from '@ethereumjs/evm';
import { Account, bytesToHex, createAddressFromString, hexToBytes } from '@ethereumjs/util';
import { AbiCoder, Interface } from 'ethers';

const { FixedPriceFlow__factory: factory } = createRequire(import.meta.url)('@0gfoundation/0g-ts-sdk');
const flow = new Interface(factory.abi);
const caller = createAddressFromString(`0x${'11'.repeat(20)}`);
const market = createAddressFromString(`0x${'22'.repeat(20)}`);
/** Answers every call with 24: the price of a sector. */
const MARKET = '0x601860005260206000f3';
const GAS = 1_000_000_000n;

const evm = await createEVM();
await evm.stateManager.putAccount(caller, new Account(0n, 10n ** 30n));
await evm.stateManager.putCode(market, hexToBytes(MARKET));

async function run(data, to, value = 0n) {
  const block = {
    header: {
      number: 100n,
      timestamp: 1n,
      coinbase: caller,
      gasLimit: GAS,
      difficulty: 0n,
      prevRandao: new Uint8Array(32),
      baseFeePerGas: 0n,
      getBlobGasPrice: () => 0n,
    },
  };
  return evm.runCall({ caller, to, data: hexToBytes(data), gasLimit: GAS, value, block });
}

const created = await run(factory.bytecode + AbiCoder.defaultAbiCoder().encode(['uint256'], [0]).slice(2), undefined);
if (created.execResult.exceptionError) throw new Error(`the contract cannot be made: ${created.execResult.exceptionError.error}`);
const address = created.createdAddress;
async function call(name, args, value) {
  const { execResult } = await run(flow.encodeFunctionData(name, args), address, value);
  return execResult.exceptionError ? undefined : flow.decodeFunctionResult(name, bytesToHex(execResult.returnValue));
}
if ((await call('initialize', [market.toString(), 1_000_000n])) === undefined)
  throw new Error('the contract cannot be initialised');

const answers = [];
for (const { length, tags, nodes } of await json(process.stdin)) {
  const sectors = nodes.reduce((sum, { height }) => sum + 2n ** BigInt(height), 0n);
  const made = await call('submit', [{ data: { length, tags, nodes }, submitter: caller.toString() }], sectors * 24n);
  if (made === undefined) {
    answers.push({ refused: true });
    continue;
  }
  const [index, identity, start, paid] = made;
  const [root] = await call('getFlowRootByTxSeq', [index]);
  const [flowLength] = await call('tree', []);
  answers.push({
    index: Number(index),
    identity,
    start: Number(start),
    sectors: Number(paid),
    root,
    flowLength: Number(flowLength),
  });
}
console.log(JSON.stringify(answers));
