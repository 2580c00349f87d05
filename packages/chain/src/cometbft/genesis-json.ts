/** Genesis as a CometBFT v0.38 genesis file has it, and back. */
import { formatTime, fromBase64, toBase64, validatorAddress } from '@perigee/light-core/comet';
import { type ConsensusParams, type InitChain, PerigeeError, toHex } from '@perigee/wire';
import type { Genesis } from '../genesis/index.ts';

const NANOS = 1_000_000_000n;

/**
 * The genesis file of CometBFT. Its `app_state` has to be JSON, and CometBFT hands its text on as it stands: ours is the canonical bytes as
 * base64 in quotes, which `withAppState` reads, so that the genesis hash is that of the embedded engine (PROTOCOL §5).
 */
export function genesisToJson({ initChain }: Genesis): string {
  const { time, chainId, consensusParams, validators, appStateBytes, initialHeight } = initChain;
  const file = {
    genesis_time: formatTime(time),
    chain_id: chainId,
    initial_height: String(initialHeight),
    consensus_params: paramsToJson(consensusParams),
    validators: validators.map(({ publicKey, power }) => {
      const key = publicKey.ed25519 ?? new Uint8Array(0);
      return {
        address: toHex(validatorAddress(key)).toUpperCase(),
        pub_key: { type: 'tendermint/PubKeyEd25519', value: toBase64(key) },
        power: String(power),
        name: '',
      };
    }),
    app_hash: '',
    app_state: toBase64(appStateBytes),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/**
 * What CometBFT calls `InitChain` with, its application state as bytes again.
 *
 * @throws GENESIS when the genesis file has another application state than a text of base64
 */
export function withAppState(request: InitChain): InitChain {
  const text = new TextDecoder().decode(request.appStateBytes);
  const [, base64] = /^"([A-Za-z0-9+/=]*)"$/.exec(text) ?? [];
  if (base64 === undefined) {
    throw new PerigeeError(
      'GENESIS',
      `app_state of the genesis file is ${text.slice(0, 40)}; it must be the canonical bytes in base64`,
    );
  }
  return { ...request, appStateBytes: fromBase64(base64) };
}

/** @throws GENESIS: a file without them would mean CometBFT's own, which are others */
function paramsToJson(params: ConsensusParams | undefined): unknown {
  const { block, evidence, validator, version, abci } = params ?? {};
  if (block === undefined || evidence === undefined || validator === undefined) {
    throw new PerigeeError('GENESIS', 'genesis lacks consensus parameters that CometBFT needs: block, evidence and validator');
  }
  const { seconds, nanos } = evidence.maxAgeDuration;
  return {
    block: { max_bytes: String(block.maxBytes), max_gas: String(block.maxGas) },
    evidence: {
      max_age_num_blocks: String(evidence.maxAgeNumBlocks),
      max_age_duration: String(BigInt(seconds) * NANOS + BigInt(nanos)),
      max_bytes: String(evidence.maxBytes),
    },
    validator: { pub_key_types: validator.publicKeyTypes },
    version: { app: String(version?.app ?? 0) },
    abci: { vote_extensions_enable_height: String(abci?.voteExtensionsEnableHeight ?? 0) },
  };
}
