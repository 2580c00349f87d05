import { type PaymentOrderBody, toHex } from '@perigee/wire';
import { type ChainName, perigeeDomain, type TypedData, tokensInWords } from '../tx/index.ts';

/**
 * The typed data of an order (scheme 2), which follows from its canonical body and the chain's name alone: every field has its words, so whoever signs them
 * signs exactly that body. Names of fields are signed, and final.
 */
export function orderTypedData(body: PaymentOrderBody, { chainId, genesisHash }: ChainName): TypedData {
  const { fields, domain } = perigeeDomain(body.version, genesisHash);
  return {
    types: {
      EIP712Domain: fields,
      InferenceOrder: [
        { type: 'string', name: 'network' },
        { type: 'string', name: 'action' },
        { type: 'address', name: 'account' },
        { type: 'address', name: 'provider' },
        { type: 'string', name: 'payAtMost' },
        { type: 'bytes32', name: 'model' },
        { type: 'bytes32', name: 'request' },
        { type: 'bytes', name: 'nonce' },
        { type: 'uint64', name: 'lastBlock' },
      ],
    },
    primaryType: 'InferenceOrder',
    domain,
    message: {
      network: chainId,
      action: 'Pay a provider for one answer of a model',
      account: hex(body.payer),
      provider: hex(body.provider),
      payAtMost: tokensInWords(body.maxFee),
      model: hex(body.modelRoot),
      request: hex(body.requestHash),
      nonce: hex(body.nonce),
      lastBlock: String(body.expiryHeight),
    },
  };
}

function hex(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`;
}
