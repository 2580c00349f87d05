import { isSignerKey } from '@perigee/light-core/receipt';
import { type CheckedEvidence, computeProviderKey } from '@perigee/light-core/registration';
import { COMPUTE_POOL, STORE } from '@perigee/light-core/state';
import {
  ComputeProvider,
  type ComputeRegister,
  type ComputeRetire,
  equal,
  keyText,
  MAX_REGISTRATIONS_PER_PROVIDER,
  PerigeeError,
  type SignerKey,
} from '@perigee/wire';
import type { StateReader, StateView } from '../../state/index.ts';
import { moveTokens } from '../accounts.ts';
import { boundBlock } from './block-references.ts';
import { type ComputeContext, computeParams } from './params.ts';
import { endRegistration, readRegistration, whatStandsFor, writeRegistration } from './registrations.ts';
import { release, withRelease } from './releases.ts';

/** Addresses are printable ASCII without spaces: they are shown to people, and dialled. */
const ENDPOINT = /^[\x21-\x7e]+$/;

/**
 * Register the keys and the model that evidence was found to bind, or renew them.
 *
 * @param evidence as it was checked for exactly this message and sender
 * @throws TX_MESSAGE; ATTESTATION (BOUND_BLOCK)
 */
export function register(
  view: StateView,
  provider: Uint8Array,
  message: ComputeRegister,
  evidence: CheckedEvidence,
  context: ComputeContext,
): void {
  const { minStake } = computeParams(context);
  const { stake: added, evidence: _evidence, collateral: _collateral, possession: _possession, ...terms } = message;
  const { signer, encryptionKey, modelRoot, endpoints, boundHeight } = terms;
  if (!isSignerKey(signer)) throw new PerigeeError('TX_MESSAGE', 'receipts are signed by an ed25519 key or an Ethereum key');
  if (endpoints.length === 0 || !endpoints.every((endpoint) => ENDPOINT.test(endpoint))) {
    throw new PerigeeError('TX_MESSAGE', 'a provider names at least one address, without spaces');
  }
  const known = readRegistration(view, signer);
  // what a signer stands for does not change, not even when its registration was ended: old receipts stay what they were
  const stood = whatStandsFor(view, signer);
  if (stood !== undefined && !equal(stood.provider, provider)) {
    throw new PerigeeError('TX_MESSAGE', `key ${keyText(signer.key)} is that of provider ${keyText(stood.provider)}`);
  }
  if (stood !== undefined && !(equal(stood.modelRoot, modelRoot) && equal(stood.encryptionKey, encryptionKey))) {
    throw new PerigeeError(
      'TX_MESSAGE',
      `key ${keyText(signer.key)} is registered with another model or encryption key; take a new key`,
    );
  }
  const before = readProvider(view, provider);
  const signers = known === undefined ? [...before.signers, signer] : before.signers;
  if (signers.length > MAX_REGISTRATIONS_PER_PROVIDER) {
    throw new PerigeeError(
      'TX_MESSAGE',
      `a provider has at most ${MAX_REGISTRATIONS_PER_PROVIDER} registrations; end one of them`,
    );
  }
  const stake = before.stake + added;
  checkStake(stake, signers, minStake);
  moveTokens(view, provider, COMPUTE_POOL, added);
  writeProvider(view, provider, { ...before, stake, signers });
  const { hash: boundHash } = boundBlock(view, boundHeight, context.height);
  writeRegistration(view, { ...terms, ...evidence, provider, boundHash, registeredHeight: context.height });
}

/**
 * End registrations, begin to take stake back, and take what has come free.
 *
 * @throws TX_MESSAGE
 */
export function retire(view: StateView, provider: Uint8Array, { signers, amount }: ComputeRetire, context: ComputeContext): void {
  const { minStake, unbondingBlocks } = computeParams(context);
  const before = readProvider(view, provider);
  let left = before.signers;
  for (const signer of signers) {
    const registration = left.some((own) => isSame(own, signer)) ? readRegistration(view, signer) : undefined;
    if (registration === undefined) {
      throw new PerigeeError('TX_MESSAGE', `key ${keyText(signer.key)} is none of provider ${keyText(provider)}`);
    }
    endRegistration(view, registration, context.height);
    left = left.filter((own) => !isSame(own, signer));
  }
  if (amount > before.stake)
    throw new PerigeeError('TX_MESSAGE', `provider ${keyText(provider)} has ${before.stake} at stake, not ${amount}`);
  const stake = before.stake - amount;
  if (amount > 0n) checkStake(stake, left, minStake);
  const waiting = release(view, provider, before.unbonding, context.height);
  const unbonding = withRelease(waiting, { amount, height: context.height + unbondingBlocks });
  if (signers.length === 0 && amount === 0n && waiting.length === before.unbonding.length) {
    throw new PerigeeError('TX_MESSAGE', `provider ${keyText(provider)} has nothing that has come free`);
  }
  writeProvider(view, provider, { stake, unbonding, signers: left });
}

function checkStake(stake: bigint, signers: readonly SignerKey[], minStake: bigint): void {
  const due = minStake * BigInt(signers.length);
  if (stake < due)
    throw new PerigeeError('TX_MESSAGE', `${signers.length} registrations need ${due} at stake; it would be ${stake}`);
}

function isSame(a: SignerKey, b: SignerKey): boolean {
  return a.scheme === b.scheme && equal(a.key, b.key);
}

function readProvider(state: StateReader, provider: Uint8Array): ComputeProvider {
  const raw = state.get(STORE.compute, computeProviderKey(provider));
  return raw === undefined ? { stake: 0n, unbonding: [], signers: [] } : ComputeProvider.decode(raw);
}

function writeProvider(view: StateView, address: Uint8Array, provider: ComputeProvider): void {
  const { stake, unbonding, signers } = provider;
  const isEmpty = stake === 0n && unbonding.length === 0 && signers.length === 0;
  if (isEmpty) view.delete(STORE.compute, computeProviderKey(address));
  else view.write(STORE.compute, computeProviderKey(address), ComputeProvider, provider);
}
