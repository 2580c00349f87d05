import { ChainView } from '@perigee/light-core/da';
import { encodeStreamData, KV_RESULT, LATEST_VERSION } from '@perigee/light-core/kv';
import { gasOf, signTx, tokensInWords, txChain } from '@perigee/light-core/tx';
import type { LightNode } from '@perigee/sampler';
import { MESSAGE_KIND, PerigeeError, SubmitResults, TX_VERSION, TxBody } from '@perigee/wire';
import type { StreamWrite } from '../../model/index.ts';
import { accountKey } from '../account.ts';
import { publishingAccount } from '../publishing-account.ts';
import { sendTx } from '../send-tx.ts';
import type { KeptSessions } from '../wallet/kept-session.ts';

/** Scheme, key and signature. */
const AUTH_BYTES = 104;
const WITHIN_BLOCKS = 100;
/** The faucet is asked so often for one write. */
const MAX_FUNDINGS = 2;

export interface WriteParts {
  readonly node: LightNode;
  readonly sessions: KeptSessions;
  readonly stream: Uint8Array;
  readonly key: Uint8Array;
  /** Empty: the key is deleted. */
  readonly value: Uint8Array;
  readonly signal: AbortSignal;
}

/**
 * Writes a value, signed by this browser's key: for the wallet that has let it, else for its own account.
 *
 * @returns when verified headers say what came of it
 * @throws REFUSED with the chain's word; TX_FEE, UNSUPPORTED; what the chain and the node throw
 */
export async function writeEntry({ node, sessions, stream, key, value, signal }: WriteParts): Promise<StreamWrite> {
  const view = new ChainView(node.chain);
  const { genesisHash, appState } = await view.facts(signal);
  if (appState.kv === undefined) throw new PerigeeError('UNSUPPORTED', 'this chain keeps no streams');
  const data = encodeStreamData({ version: LATEST_VERSION, reads: [], writes: [{ stream, key, value }], controls: [] });
  const messages = [{ kvSet: { streams: [stream], data } }];
  const deposit = value.length === 0 ? 0n : BigInt(key.length + value.length) * appState.kv.depositPerByte;
  const browser = await accountKey();
  for (let fundings = 0; ; fundings++) {
    const {
      address,
      kvLane: lane,
      balance,
      session,
    } = await publishingAccount(view, browser, sessions, signal, [MESSAGE_KIND.kvSet]);
    const account = await view.account(address, signal);
    const nonce = account?.nonces.find((one) => one.lane === lane)?.next ?? 0;
    const common = { lane, nonce, expiryHeight: view.head().height + WITHIN_BLOCKS, tip: 0n, messages };
    // gas depends on the length, and the length on the gas: with the widest numbers it is as long as it can be
    const widest = { ...common, gasLimit: Number.MAX_SAFE_INTEGER, maxFee: (1n << 128n) - 1n };
    const body = { ...widest, version: TX_VERSION, chain: txChain(genesisHash), sender: address };
    const gasLimit = gasOf(common, TxBody.encode(body).length + AUTH_BYTES);
    const maxFee = BigInt(gasLimit) * appState.gasPrice;
    if (balance < maxFee + deposit) {
      if (!appState.development || fundings === MAX_FUNDINGS) {
        throw new PerigeeError(
          'TX_FEE',
          `the account has ${tokensInWords(balance)}, and this takes ${tokensInWords(maxFee + deposit)}`,
        );
      }
      await node.requestFunds(address, { signal });
      continue;
    }
    const raw = await signTx({ ...common, gasLimit, maxFee }, genesisHash, browser.signer, address);
    const proven = await sendTx(node, raw, () => {}, signal);
    const [write] = SubmitResults.decodeCanonical(proven.result.data).writes;
    if (write?.result !== KV_RESULT.commit) {
      throw new PerigeeError(
        'REFUSED',
        `block ${proven.height} holds the write, and did not do it: ${write?.result ?? 'nothing'}`,
      );
    }
    return { version: write.txSeq, height: proven.height, by: session === undefined ? 'browser' : 'session' };
  }
}
