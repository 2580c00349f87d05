/** A chain that stores files and takes Ethereum transactions, and clients of its Ethereum interface that sign for themselves. */
import { ChainNode, createGenesis, type Genesis } from '@perigee/chain';
import { signTx } from '@perigee/light-core/tx';
import { systemClock } from '@perigee/net';
import { ed25519Address, fromHex, type TxMessage, toHex } from '@perigee/wire';
import { Transaction } from 'micro-eth-signer';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { nativeSigner } from '../../../../tests/kit/native-signer.ts';
import { createEvmHandler, type EvmHandler } from '../../src/zerog/evm/index.ts';
import { RpcError } from '../../src/zerog/rpc-error.ts';

export const CHAIN_ID = 9_527;
export const PRICE = 24n;
export const GAS_PRICE = 7n;
export const BALANCE = 10n ** 15n;
/** Address of the secret that everything is signed with. */
const SECRET = `0x${'46'.repeat(32)}`;
export const SENDER = '0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f';
export const PARAMS = { ethereumChainId: CHAIN_ID, gasPrice: GAS_PRICE, pricePerSector: PRICE, maxGas: 100_000_000n };
const signer = nativeSigner(new Uint8Array(32).fill(9));

function genesisOf(): Genesis {
  const addresses = [fromHex(SENDER), ed25519Address(signer.publicKey)];
  return createGenesis({
    name: 'evm',
    time: systemClock.now() - 1_000,
    validators: [{ publicKey: signer.publicKey, power: 1 }],
    committee: [{ address: ed25519Address(signer.publicKey), publicKey: signer.publicKey, stake: 1n }],
    accounts: addresses.map((address) => ({ address, balance: BALANCE })),
    development: true,
    ethereumChainId: CHAIN_ID,
    gasPrice: GAS_PRICE,
    storage: { pricePerSector: PRICE },
  });
}

export type Json = Readonly<Record<string, unknown>>;

export class EvmDevnet {
  readonly chain: ChainNode;
  readonly handler: EvmHandler;
  readonly dir: string;

  private constructor(dir: string, chain: ChainNode) {
    this.dir = dir;
    this.chain = chain;
    this.handler = createEvmHandler({ chain, params: PARAMS, clientVersion: 'Perigee/test' });
  }

  /** @param dir of a chain that was stopped */
  static async start(dir = temporaryFolder('evm'), genesis = genesisOf()): Promise<EvmDevnet> {
    const chain = await ChainNode.open({ dir, genesis, signers: [signer], clock: systemClock, blockIntervalMs: 40 });
    void chain.run();
    return new EvmDevnet(dir, chain);
  }

  call<T = Json>(method: string, ...params: unknown[]): Promise<T> {
    return this.handler.call(method, params) as Promise<T>;
  }

  /** What a call is refused with. */
  async refusal(method: string, ...params: unknown[]): Promise<RpcError> {
    const error = await this.handler.call(method, params).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof RpcError)) throw new Error(`${method} was not refused: ${String(error)}`);
    return error;
  }

  /** Signs and hands in. @returns its hash */
  async send(fields: SignFields): Promise<string> {
    const nonce = fields.nonce ?? BigInt(await this.call<string>('eth_getTransactionCount', SENDER, 'pending'));
    return this.call<string>('eth_sendRawTransaction', signed({ ...fields, nonce }));
  }

  async receipt(hash: string): Promise<Json> {
    for (;;) {
      const receipt = await this.call<Json | null>('eth_getTransactionReceipt', hash);
      if (receipt !== null) return receipt;
      await systemClock.sleep(10);
    }
  }

  async balance(): Promise<bigint> {
    return BigInt(await this.call<string>('eth_getBalance', SENDER, 'latest'));
  }

  /** A transaction of another scheme, in a block. */
  async native(nonce: number, messages: readonly TxMessage[]): Promise<{ readonly txId: string; readonly height: number }> {
    const draft = { lane: 0, nonce, expiryHeight: 1_000, gasLimit: 100_000, maxFee: 10n ** 9n, tip: 5n, messages };
    const { txId, height, code, log } = await this.chain.submit(await signTx(draft, this.chain.genesis.genesisHash, signer));
    if (code !== 0) throw new Error(log);
    return { txId: `0x${toHex(txId)}`, height };
  }
}

export interface SignFields {
  readonly to: string;
  readonly value?: bigint;
  readonly data?: string;
  readonly nonce?: bigint;
  readonly gasLimit?: bigint;
  readonly chainId?: number;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
  readonly type?: 'eip1559' | 'legacy';
}

export function signed({ type = 'eip1559', chainId = CHAIN_ID, ...fields }: SignFields): string {
  const { maxFeePerGas = 20n, maxPriorityFeePerGas = 0n, ...rest } = fields;
  const prices = type === 'legacy' ? { gasPrice: maxFeePerGas } : { maxFeePerGas, maxPriorityFeePerGas };
  const common = { value: 0n, data: '0x', nonce: 0n, gasLimit: 300_000n, ...rest, chainId: BigInt(chainId) };
  const tx = Transaction.prepare({ type, ...common, ...prices } as Parameters<typeof Transaction.prepare>[0], false);
  return `0x${tx.signBy(SECRET, false).toHex().replace(/^0x/, '')}`;
}
