import { ChainView } from '@perigee/light-core/da';
import { decodeReceiptFile, type ReceiptExpectation, verifyReceipt } from '@perigee/light-core/receipt';
import { bestEd25519 } from '@perigee/light-core/signature';
import { findProvider } from '@perigee/sampler/compute';
import { equal, PerigeeError, toHex } from '@perigee/wire';
import { defineCommand } from '../cli/command.ts';
import { readFileOf } from '../files.ts';
import { withLightNode } from '../light.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';
import { judgeReceipt } from '../verify/receipt.ts';

export const receipt = defineCommand({
  name: 'receipt',
  usage: 'verify FILE',
  summary:
    'verify the receipt of an answer against what the chain proves of its provider ("perigee verify FILE" does it without a network)',
  options: TRUST_OPTIONS,
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal }) {
    const [verb, path, ...rest] = positionals;
    if (verb !== 'verify' || path === undefined || rest.length > 0) {
      throw new PerigeeError('INVALID_ARGUMENT', 'say it as: perigee receipt verify FILE');
    }
    const opened = decodeReceiptFile(new Uint8Array(await readFileOf(path, 'the receipt')));
    const trust = await readTrust(options);
    await withLightNode({ ...trust, follow: false, workers: 1 }, signal, async (node) => {
      const { chainId } = new ChainView(node.chain).head();
      const { genesisHash } = await new ChainView(node.chain).facts(signal);
      const { signer, execution } = opened.receipt;
      const found = await findProvider(signer, { state: node.chain, signal });
      if (found === undefined) {
        throw new PerigeeError('RECEIPT', `key ${toHex(signer.key)} is registered by no provider on chain ${chainId}`, {
          data: { check: 'provider' },
        });
      }
      const { registration } = found;
      const expected: ReceiptExpectation = {
        chainId,
        genesisHash,
        verifyEd25519: bestEd25519(crypto.subtle),
        provider: { account: registration.provider, signer: registration.signer },
        modelRoot: registration.modelRoot,
        price: registration.price,
        // a registration that was renewed has other evidence: the receipt's is not known any more, which is not the same as false
        ...(execution.evidenceId !== undefined && equal(execution.evidenceId, registration.evidenceId)
          ? { evidenceId: registration.evidenceId }
          : {}),
      };
      const report = await verifyReceipt(opened, expected);
      judgeReceipt(opened, report, output);
    });
  },
});
