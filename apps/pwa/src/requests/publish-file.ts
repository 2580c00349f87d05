/** A lazy chunk: what only a page that publishes needs. */
import { codecThreads, createCodecPool, createPublisher, type PublishProgress } from '@perigee/da';
import { blobFee, blobGeometry, ChainView, handOverPrice } from '@perigee/light-core/da';
import { bestEd25519 } from '@perigee/light-core/signature';
import { tokensInWords } from '@perigee/light-core/tx';
import { cryptoRandomBytes, type Host, type KnownPeer, systemClock } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import { CERTIFY_GAS_LIMIT, equal, PerigeeError, toHex, utf8 } from '@perigee/wire';
import { readFile } from '../files/read-file.ts';
import type { AccountView, PublishPolicy, PublishTask } from '../model/index.ts';
import { type AccountKey, accountKey } from './account.ts';
import { type PublishingAccount, publishingAccount } from './publishing-account.ts';
import type { Change } from './tasks.ts';
import type { KeptSessions } from './wallet/kept-session.ts';

/** A member that nobody speaks of for so long is taken to be away, milliseconds. */
const MEMBER_TIMEOUT_MS = 5_000;
/** Times that the faucet is asked before one blob. */
const MAX_FUNDINGS = 3;
/** Where a stage begins in the whole, 0 to 1. */
const STAGE_BEGINS: Readonly<Record<PublishProgress['stage'], number>> = {
  encode: 0.1,
  upload: 0.25,
  certify: 0.92,
  record: 0.96,
  done: 1,
};

export interface PublishParts {
  readonly node: LightNode;
  readonly host: Host;
  readonly file: File;
  readonly policy: PublishPolicy;
  readonly sessions: KeptSessions;
  readonly signal: AbortSignal;
  readonly report: (change: Change<PublishTask>) => void;
  readonly onAccount: (account: AccountView) => void;
}

/** What became of it, without the link, which is the caller's. */
export interface Published {
  readonly blobId: string;
  readonly height: number;
  readonly expiryHeight: number;
  readonly wasThere: boolean;
  readonly otherNamespace: string | undefined;
}

/** @throws what reading the file, the faucet and the publisher throw */
export async function publishFile(parts: PublishParts): Promise<Published> {
  const { node, host, file, policy, signal, report } = parts;
  const data = await readFile(file);
  const key = await accountKey();
  const { address, lane, session } = await fundedAccount(parts, key);
  const pool = createCodecPool(codecThreads(navigator.hardwareConcurrency));
  try {
    const publisher = createPublisher({
      host,
      state: node.chain,
      tx: node.transactions,
      signer: key.signer,
      ...(session === undefined ? {} : { account: address }),
      lane,
      pool,
      clock: systemClock,
      random: cryptoRandomBytes,
      verifyEd25519: bestEd25519(crypto.subtle),
      peerOf: (address) => memberAt(node, toHex(address), signal),
    });
    const { redundancy, retentionBlocks, quorum, persist } = policy;
    const namespace = utf8(policy.namespace);
    const { blobId, height, record, certificate } = await publisher.publish({
      data,
      namespace,
      redundancy,
      retentionBlocks,
      quorum,
      persist,
      signal,
      onProgress: (progress) => report(changeOf(progress)),
    });
    return {
      blobId: toHex(blobId),
      height,
      expiryHeight: record.expiryHeight,
      wasThere: certificate === undefined,
      otherNamespace: equal(record.namespace, namespace) ? undefined : toHex(record.namespace),
    };
  } finally {
    await pool.close();
  }
}

function changeOf({ stage, encoded, uploadedBytes, totalBytes, signed, refused, members }: PublishProgress): Change<PublishTask> {
  const uploaded = stage === 'upload' && totalBytes > 0 ? uploadedBytes / totalBytes : 0;
  const done =
    stage === 'encode'
      ? STAGE_BEGINS.encode + encoded * (STAGE_BEGINS.upload - STAGE_BEGINS.encode)
      : STAGE_BEGINS[stage] + uploaded * (STAGE_BEGINS.certify - STAGE_BEGINS.upload);
  return { stage, done, uploadedBytes, totalBytes, signed, refused, members };
}

/** For whom this browser publishes now. */
export async function accountView({ chain }: LightNode, sessions: KeptSessions, signal: AbortSignal): Promise<AccountView> {
  const key = await accountKey();
  return viewOf(await publishingAccount(new ChainView(chain), key, sessions, signal), key);
}

function viewOf({ address, balance, session }: PublishingAccount, { kind }: AccountKey): AccountView {
  return { address: toHex(address), balance, key: kind, session };
}

/**
 * The account that publishes. On a development chain the faucet gives it what the blob will cost; on others the publisher says what is missing.
 *
 * @throws what `LightNode.requestFunds` throws; TX_FEE when the faucet gives too little, or the session may not spend as much
 */
async function fundedAccount(
  { node, file, policy, sessions, signal, report, onAccount }: PublishParts,
  key: AccountKey,
): Promise<PublishingAccount> {
  const chain = new ChainView(node.chain);
  const { appState } = await chain.facts(signal);
  const { height } = chain.head();
  const geometry = blobGeometry(file.size, policy.redundancy);
  const cost =
    BigInt(CERTIFY_GAS_LIMIT) * appState.gasPrice +
    blobFee(geometry, appState, height, height + policy.retentionBlocks) +
    (policy.persist ? handOverPrice(file.size, appState) : 0n);
  for (let fundings = 0; ; fundings++) {
    const account = await publishingAccount(chain, key, sessions, signal);
    const { address, balance, session } = account;
    onAccount(viewOf(account, key));
    if (session !== undefined && session.left < cost) {
      const words = `this blob costs up to ${tokensInWords(cost)}, and the wallet lets this browser spend ${tokensInWords(session.left)}`;
      throw new PerigeeError('TX_FEE', `${words}; grant it more, or end the session to publish from the account of this browser`);
    }
    if (balance >= cost || !appState.development) return account;
    if (fundings === MAX_FUNDINGS) {
      const words = `this blob costs ${cost}, and the account has ${balance} after asking the faucet ${fundings} times`;
      throw new PerigeeError('TX_FEE', `${words}; choose a shorter retention or a smaller file`);
    }
    report({ stage: 'fund', done: 0.05 });
    await node.requestFunds(address, { signal });
  }
}

/** Where a member can be reached; nodes that have just been met are known a moment later. */
function memberAt(node: LightNode, address: string, signal: AbortSignal): Promise<KnownPeer | undefined> {
  return new Promise((resolve) => {
    const settle = (): void => {
      unsubscribe();
      clearTimeout(timer);
      signal.removeEventListener('abort', settle);
      resolve(node.members().get(address));
    };
    const timer = setTimeout(settle, MEMBER_TIMEOUT_MS);
    const unsubscribe = node.subscribe(() => {
      if (node.members().has(address)) settle();
    });
    signal.addEventListener('abort', settle);
    if (node.members().has(address) || signal.aborted) settle();
  });
}
