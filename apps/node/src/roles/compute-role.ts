import { join } from 'node:path';
import { type ComputeNode, createComputeNode, type OpenAiServer, startOpenAiServer } from '@perigee/compute/provider';
import { bestX25519 } from '@perigee/light-core/confidential';
import { ChainView } from '@perigee/light-core/da';
import { secp256k1InferenceSigner } from '@perigee/light-core/receipt';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { cryptoRandomBytes, type Host, systemClock } from '@perigee/net';
import { equal, PerigeeError, toHex } from '@perigee/wire';
import type { Options } from '../cli/args.ts';
import { withStops } from '../cli/lifetime.ts';
import type { Logger } from '../cli/log.ts';
import { collateralFolder } from '../collateral.ts';
import { makeFolder } from '../files.ts';
import { ensureSecret } from '../keys.ts';
import { txAccount } from '../tx/account.ts';
import type { ChainSource } from './chain-source.ts';
import { endpointsOf } from './compute-endpoints.ts';
import { startEngines } from './compute-engines.ts';
import { type COMPUTE_OPTIONS, type EvidenceKind, readPrice, readUrl } from './compute-options.ts';
import { registrationEvidence } from './registration-evidence.ts';
import { roleSender } from './role-sender.ts';

export interface ComputeRoleOptions {
  readonly options: Options<typeof COMPUTE_OPTIONS>;
  readonly host: Host;
  readonly home: string;
  readonly chain: ChainSource;
  readonly verifyEd25519: VerifyEd25519;
  readonly log: Logger;
  readonly onFault: (error: PerigeeError) => void;
  readonly signal: AbortSignal;
}

/** What a parent process is told of a provider. */
export interface ComputeReady {
  /** Account that is paid, hexadecimal; so are all that follow. */
  readonly account: string;
  /** Of the first model. */
  readonly signer: string;
  readonly models: readonly { readonly id: string; readonly modelRoot: string }[];
  /** Where OpenAI's clients reach it, if they do: `http://…/v1`. */
  readonly url?: string;
}

export interface ComputeRole {
  readonly node: ComputeNode;
  readonly ready: ComputeReady;
  stop(): Promise<void>;
}

/**
 * A provider of compute in this process: its keys and its receipts in the home, the models in threads that start with the first request, libp2p, HTTP where that is
 * asked for, and the chain on which it registers and settles beside all that.
 *
 * @throws UNSUPPORTED when the chain has no providers; ATTESTATION, NOT_FOUND, PARSE, INVALID_ARGUMENT, UNREACHABLE, STORE_LOCKED, STORE_VERSION, STORE_CORRUPT
 */
export async function startComputeRole(role: ComputeRoleOptions): Promise<ComputeRole> {
  const { options, host, home, chain, verifyEd25519, log, onFault, signal } = role;
  const price = readPrice(options['compute-price']);
  const told = readUrl(options['compute-url']);
  const { appState } = await new ChainView(chain.state).facts(signal);
  const { development } = appState;
  const vendor = collateralFolder(home, 'vendor');
  const kind = (options['compute-evidence'] ?? 'simulated') as EvidenceKind;
  const evidence = await registrationEvidence({ kind, development, vendor, signal });
  const ends: (() => Promise<void>)[] = [];
  const stop = (): Promise<void> => withStops(async (onStop) => ends.forEach(onStop));
  try {
    const engines = await startEngines(options);
    ends.push(() => engines.close());
    const dir = join(home, 'compute', toHex(chain.genesisHash));
    await makeFolder(dir);
    const account = txAccount({ scheme: 'ed25519', secret: await ensureSecret(join(home, 'compute', 'account.key')) });
    const x25519 = await bestX25519(crypto.subtle);
    const models = await Promise.all(
      engines.models.map(async (model) => {
        // what a key stands for on a chain does not change, so each model has its own
        const keyOf = (use: string) => ensureSecret(join(dir, `${toHex(model.modelRoot)}.${use}.key`));
        const signer = secp256k1InferenceSigner(await keyOf('signing'));
        const secret = await keyOf('sealing');
        return { model, signer, secret, encryptionKey: await x25519.publicKeyOf(secret) };
      }),
    );
    const [first, ...others] = models;
    if (first === undefined) throw new PerigeeError('INTERNAL', 'a provider has no model');
    const sealing = {
      keys: models.map(({ signer, encryptionKey, secret }) => ({
        publicKey: encryptionKey,
        secret,
        signerAddress: signer.key.key,
      })),
      signerAddress: first.signer.key.key,
      x25519,
    };

    const nameOf = (root: Uint8Array) => engines.models.find(({ modelRoot }) => equal(modelRoot, root))?.id;
    const node = await createComputeNode({
      host,
      state: chain.state,
      chainId: chain.chainId,
      dir,
      account: account.address,
      ...first,
      others,
      sealing,
      price,
      allowUnpaid: options['compute-free'],
      endpoints: () =>
        endpointsOf(
          host.multiaddrs().map((multiaddr) => `${multiaddr}/p2p/${host.peerId}`),
          told,
        ),
      evidence,
      send: roleSender(chain, account, () => log.info('the faucet gave to the account of the provider')),
      clock: systemClock,
      random: cryptoRandomBytes,
      verifyEd25519,
      on: {
        registered: ({ modelRoot, registeredHeight, expiryTime, simulated }) =>
          log.info(
            {
              height: registeredHeight,
              model: nameOf(modelRoot),
              until: new Date(expiryTime * 1_000).toISOString(),
              ...(simulated && { simulated }),
            },
            'the provider is registered',
          ),
        settled: ({ paid, settled, refused }) => log.info({ paid: String(paid), settled, refused }, 'receipts were settled'),
        fault: onFault,
      },
    });
    ends.push(() => node.stop());
    const http = await serveHttp(role, node, sealing);
    if (http !== undefined) ends.push(() => http.close());
    const listened = options['compute-host'] ?? '127.0.0.1';
    return {
      node,
      ready: {
        account: toHex(account.address),
        signer: toHex(first.signer.key.key),
        models: node.offers().map(({ id, modelRoot }) => ({ id, modelRoot: toHex(modelRoot) })),
        ...(http && { url: `${told ?? `http://${listened.includes(':') ? `[${listened}]` : listened}:${http.port}`}/v1` }),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function serveHttp(
  { options, onFault }: ComputeRoleOptions,
  { provider, evidence }: ComputeNode,
  sealing: NonNullable<Parameters<typeof startOpenAiServer>[0]['sealing']>,
): Promise<OpenAiServer | undefined> {
  const { 'compute-port': port, 'compute-host': listen = '127.0.0.1' } = options;
  if (port === undefined) return undefined;
  const random = cryptoRandomBytes;
  return startOpenAiServer({ provider, host: listen, port, clock: systemClock, random, sealing, evidence, onFault });
}
