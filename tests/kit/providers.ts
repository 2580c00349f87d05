/** Providers of compute on a local network, registered with simulated evidence: each on a host of its own, and before it the host that others see, which may lie. */
import { createHash } from 'node:crypto';
import { localState } from '@perigee/chain';
import { bestX25519 } from '@perigee/light-core/confidential';
import { ed25519InferenceSigner, type InferenceSigner, secp256k1InferenceSigner } from '@perigee/light-core/receipt';
import { evidenceIdOf, reportDataOf } from '@perigee/light-core/registration';
import { bestEd25519 } from '@perigee/light-core/signature';
import { signTx } from '@perigee/light-core/tx';
import { createHost, cryptoRandomBytes, type Host, type KnownPeer, open, serve, systemClock } from '@perigee/net';
import { inferenceProtocol, providerEvidenceProtocol } from '@perigee/net/inference';
import { ANSWER_SILENCE_MS, ed25519Address, MAX_REGISTRATIONS_PER_BLOCK, type ProviderRegistration } from '@perigee/wire';
import { roleSender } from '../../apps/node/src/roles/role-sender.ts';
import type { Model } from '../../packages/compute/src/engines/index.ts';
import { developmentSimulation } from '../../packages/compute/src/evidence/simulated/index.ts';
import { type ComputeNode, createComputeNode, type Settlement } from '../../packages/compute/src/provider/index.ts';
import { type WireLie, wireLiar } from './adversaries/answers.ts';
import { temporaryFolder } from './folder.ts';
import type { LocalNetwork } from './local-network.ts';
import { nativeSigner } from './native-signer.ts';

/** Rules of the compute layer for a chain of fast blocks. */
export const COMPUTE_RULES = { minStake: 1_000n, unbondingBlocks: 5, unlockBlocks: 2_000, reportDeposit: 70n };
const PRICE = { perRequest: 10n, perPromptToken: 2n, perAnswerToken: 5n };
const LISTEN = { host: '127.0.0.1', tcp: 0 };

export interface ProviderPlan {
  /** Its keys are made of it: it has the same account on every chain. */
  readonly name: string;
  readonly model: Model;
  /** What it lies about on the way. */
  readonly lie?: WireLie | undefined;
}

export interface TestProvider {
  readonly name: string;
  readonly lie: WireLie | undefined;
  /** Account that is paid. */
  readonly account: Uint8Array;
  readonly signer: InferenceSigner;
  /** As others see it. */
  readonly peer: KnownPeer;
  readonly node: ComputeNode;
  readonly settlements: readonly Settlement[];
  /** Registers another address beside its own, and so with other evidence; resolves when the chain has it. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

/** An account that a local network must have in its genesis (`rich`) for a provider of this name. */
export function providerAccount(name: string): Uint8Array {
  return ed25519Address(keyOf(name).publicKey);
}

/** @returns when all are registered */
export async function startProviders(network: LocalNetwork, plans: readonly ProviderPlan[]): Promise<TestProvider[]> {
  const out: TestProvider[] = [];
  // as many at once as a block registers
  for (let at = 0; at < plans.length; at += MAX_REGISTRATIONS_PER_BLOCK) {
    out.push(...(await startGroup(network, plans.slice(at, at + MAX_REGISTRATIONS_PER_BLOCK))));
  }
  return out;
}

function startGroup(network: LocalNetwork, plans: readonly ProviderPlan[]): Promise<TestProvider[]> {
  const simulation = developmentSimulation(systemClock);
  const source = simulation.source('intel-tdx');
  return Promise.all(
    plans.map(async ({ name, model, lie }, i) => {
      const key = keyOf(name);
      const account = ed25519Address(key.publicKey);
      const secret = secretOf(`${name}, signing`);
      // as the program's own, and now and then the other scheme
      const signer = i % 4 === 3 ? ed25519InferenceSigner(secret) : secp256k1InferenceSigner(secret);
      const x25519 = await bestX25519(crypto.subtle);
      const sealingSecret = secretOf(`${name}, sealing`);
      const encryptionKey = await x25519.publicKeyOf(sealingSecret);
      const sealing = {
        keys: [{ publicKey: encryptionKey, secret: sealingSecret }],
        signerAddress: signer.key.key,
        x25519,
      };
      const [inner, outer] = (await Promise.all([0, 1].map(() => createHost({ listen: LISTEN, allowPrivate: true })))) as [
        Host,
        Host,
      ];
      const endpoints = outer.multiaddrs().map((address) => `${address}/p2p/${outer.peerId}`);
      let renewals = 0;
      const settlements: Settlement[] = [];
      let onRegistered = (_: ProviderRegistration): void => {};
      let onFault = (_: Error): void => {};
      const registered = new Promise<ProviderRegistration>((resolve, reject) => {
        onRegistered = resolve;
        onFault = reject;
      });
      registered.catch(() => {}); // heard below
      const { genesisHash, chain } = network;
      const state = localState(chain);
      const signing = { address: account, sign: (draft: Parameters<typeof signTx>[0]) => signTx(draft, genesisHash, key) };
      const node = await createComputeNode({
        host: inner,
        state,
        chainId: chain.chainId,
        dir: temporaryFolder('provider'),
        account,
        signer,
        encryptionKey,
        sealing,
        model,
        price: PRICE,
        allowUnpaid: false,
        endpoints: () => (renewals === 0 ? endpoints : [...endpoints, `/ip4/192.0.2.1/tcp/${renewals}/p2p/${inner.peerId}`]),
        evidence: { simulated: true, quote: source.quote, collateral: async () => simulation.tdxBundle() },
        send: roleSender({ chainId: chain.chainId, genesisHash, state, transactions: chain }, signing, () => {}),
        clock: systemClock,
        random: cryptoRandomBytes,
        verifyEd25519: bestEd25519(crypto.subtle),
        on: {
          registered: (registration) => onRegistered(registration),
          settled: (settlement) => void settlements.push(settlement),
          fault: (error) => onFault(error),
        },
      });
      const keys = { signer: signer.key, encryptionKey, modelRoot: model.modelRoot };
      const earlier = { boundHeight: 1, boundHash: new Uint8Array(32).fill(1) };
      const old = await source.quote(
        reportDataOf({ ...keys, ...earlier, genesisHash, provider: account }),
        new AbortController().signal,
      );
      const parts = { signer, oldEvidence: old.bytes, oldEvidenceId: evidenceIdOf(old.bytes) };
      await serveOuter(outer, { peerId: inner.peerId, multiaddrs: inner.multiaddrs() }, lie && wireLiar(lie, parts));
      await registered;
      return {
        name,
        lie,
        account,
        signer,
        peer: { peerId: outer.peerId, multiaddrs: outer.multiaddrs() },
        node,
        settlements,
        async renew() {
          const renewed = new Promise<void>((resolve) => {
            onRegistered = () => resolve();
          });
          renewals++;
          await renewed;
        },
        async stop() {
          await outer.stop();
          await node.stop();
          await inner.stop();
        },
      };
    }),
  );
}

async function serveOuter(outer: Host, inner: KnownPeer, liar: ReturnType<typeof wireLiar> | undefined): Promise<void> {
  await serve(
    outer,
    inferenceProtocol,
    async function* (call, { signal }) {
      const honest = open(outer, inner, inferenceProtocol).call(call, { signal, timeoutMs: ANSWER_SILENCE_MS });
      yield* liar === undefined ? honest : liar.frames(call, honest);
    },
    { requestsPerSecond: 1_000, requestBurst: 1_000 },
  );
  await serve(
    outer,
    providerEvidenceProtocol,
    async (request, { signal }) => {
      const honest = await open(outer, inner, providerEvidenceProtocol).callOne(request, { signal });
      return liar === undefined ? honest : liar.evidence(honest);
    },
    { requestsPerSecond: 1_000, requestBurst: 1_000 },
  );
}

function secretOf(name: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(`provider of a local network, ${name}`).digest());
}

function keyOf(name: string) {
  return nativeSigner(secretOf(name));
}
