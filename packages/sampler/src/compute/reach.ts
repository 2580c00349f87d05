/** Asking a provider, and whoever carries its answers, what it serves and by which evidence. */
import { evidenceIdOf } from '@perigee/light-core/registration';
import { type Host, isPeerMultiaddr, isPrivateMultiaddr, type KnownPeer } from '@perigee/net';
import { equal, keyText, type ModelOffer, PerigeeError, type ProviderRegistration, toHex } from '@perigee/wire';
import { type Carrier, peerCarrier } from './carriers/index.ts';

const PEER = /\/p2p\/([^/]+)$/;

export interface ReachOptions {
  readonly host: Host;
  /** Dial loopback and private addresses, as on a development chain. */
  readonly allowPrivate: boolean;
  /** Address to ask in place of the registered ones. */
  readonly via: string | undefined;
  readonly overHttp?: ((url: string) => Carrier) | undefined;
}

/** Who carries questions to a provider. @throws UNREACHABLE when there is no address that can be asked */
export function carrierOf(registration: ProviderRegistration, { host, allowPrivate, via, overHttp }: ReachOptions): Carrier {
  if (via !== undefined && /^https?:\/\//.test(via)) {
    if (overHttp !== undefined) return overHttp(via);
    throw new PerigeeError('UNREACHABLE', 'providers are not asked over HTTP from here');
  }
  return peerCarrier(host, peerOf(registration, { allowPrivate, via }));
}

/**
 * Where a provider is, by its registration.
 *
 * @param options.allowPrivate dial loopback and private addresses, as on a development chain
 * @param options.via address to ask in their place, ending in `/p2p/<peer id>`: whoever is there carries the answers, and can change nothing in them unseen
 * @throws UNREACHABLE when it names no address that can be dialled
 */
function peerOf(
  { provider, endpoints }: ProviderRegistration,
  { allowPrivate, via }: { readonly allowPrivate: boolean; readonly via?: string | undefined },
): KnownPeer {
  const usable = (via === undefined ? endpoints : [via]).filter(
    (address) => isPeerMultiaddr(address) && (allowPrivate || via !== undefined || !isPrivateMultiaddr(address)),
  );
  const peerId = PEER.exec(usable[0] ?? '')?.[1];
  if (peerId === undefined) {
    throw new PerigeeError(
      'UNREACHABLE',
      `provider ${keyText(provider)} has registered no address that can be dialled from here`,
    );
  }
  return { peerId, multiaddrs: usable.filter((address) => address.endsWith(`/p2p/${peerId}`)) };
}

/**
 * The offer of a provider for the model that it is registered with. Its name is the provider's word; all else must be what the chain has.
 *
 * @throws NOT_FOUND when it does not offer that model; REFUSED when it offers it otherwise than registered; UNREACHABLE, TIMEOUT and what else a request throws
 */
export async function askOffer(
  carrier: Pick<Carrier, 'offers'>,
  registration: ProviderRegistration,
  signal: AbortSignal,
): Promise<ModelOffer> {
  const models = await carrier.offers(signal);
  const { modelRoot, provider, signer, price } = registration;
  const offer = models.find((one) => equal(one.modelRoot, modelRoot));
  const name = `provider ${keyText(provider)}`;
  if (offer === undefined)
    throw new PerigeeError('NOT_FOUND', `${name} is registered with model ${toHex(modelRoot)}, and does not offer it`);
  const differs =
    (!equal(offer.provider, provider) && 'account') ||
    ((offer.signer.scheme !== signer.scheme || !equal(offer.signer.key, signer.key)) && 'key') ||
    ((offer.price.perRequest !== price.perRequest ||
      offer.price.perPromptToken !== price.perPromptToken ||
      offer.price.perAnswerToken !== price.perAnswerToken) &&
      'price');
  if (differs === false) return offer;
  throw new PerigeeError('REFUSED', `${name} offers its model with another ${differs} than it has registered`, {
    data: { differs },
  });
}

/** Evidence and collateral of a registration. */
export interface RegistrationFiles {
  readonly evidence: Uint8Array;
  /** File `PGCO`. */
  readonly collateral: Uint8Array;
}

/**
 * Evidence and collateral of a registration: exactly the bytes whose hashes the chain has. Nothing of them is verified.
 *
 * @throws ATTESTATION (MISSING: the peer has them not; CHANGED: it gave others) and what a request throws
 */
export async function askEvidence(
  carrier: Pick<Carrier, 'evidence'>,
  { evidenceId, collateralId }: ProviderRegistration,
  signal: AbortSignal,
): Promise<RegistrationFiles> {
  const { evidence, collateral } = await carrier.evidence({ evidenceId, collateralId }, signal);
  if (evidence === undefined || collateral === undefined) {
    throw notTheirs('MISSING', 'the provider does not show the evidence that it has registered');
  }
  if (!equal(evidenceIdOf(evidence), evidenceId) || !equal(evidenceIdOf(collateral), collateralId)) {
    throw notTheirs('CHANGED', 'the provider shows other evidence than it has registered');
  }
  return { evidence, collateral };
}

function notTheirs(check: string, words: string): PerigeeError {
  return new PerigeeError('ATTESTATION', words, { data: { check, verdict: 'fail' } });
}
