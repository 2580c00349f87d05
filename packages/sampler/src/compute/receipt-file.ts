/** Receipts that somebody hands over, held against what the chain proves of their provider. */
import { ChainView } from '@perigee/light-core/da';
import type { ReceiptReport } from '@perigee/light-core/receipt';
import type { VerifiedState } from '@perigee/light-core/roles';
import { equal, MAX_RECEIPT_BYTES, type OpenedReceipt, PerigeeError, type ProviderRegistration, toHex } from '@perigee/wire';
import type { AnswerChecker } from './answers/index.ts';
import { findProvider } from './providers.ts';

export interface ReceiptFinding {
  readonly opened: OpenedReceipt;
  readonly report: ReceiptReport;
  /** Of the key that signed it, as the chain has it now. */
  readonly registration: ProviderRegistration;
}

/**
 * Verifies a receipt against the registration of the key that signed it, in a worker.
 *
 * @throws PARSE, UNKNOWN_VERSION, NOT_CANONICAL when it is no receipt; RECEIPT (`provider`) when no provider of this chain has the key; UNPROVEN, PROOF, BUSY,
 *   ABORTED, INTERNAL. All else is in the report
 */
export async function judgeReceipt(
  file: Uint8Array,
  {
    state,
    checker,
    signal,
  }: {
    readonly state: VerifiedState;
    readonly checker: Pick<AnswerChecker, 'judge'>;
    readonly signal: AbortSignal;
  },
): Promise<ReceiptFinding> {
  if (file.length > MAX_RECEIPT_BYTES) {
    throw new PerigeeError('PARSE', `a receipt has at most ${MAX_RECEIPT_BYTES} bytes, and this has ${file.length}`);
  }
  let registration: ProviderRegistration | undefined;
  const { opened, report } = await checker.judge(
    file,
    async ({ receipt: { signer, execution } }) => {
      const view = new ChainView(state);
      const { genesisHash } = await view.facts(signal);
      const { chainId } = view.head();
      registration = (await findProvider(signer, { state, signal }))?.registration;
      if (registration === undefined) {
        throw new PerigeeError('RECEIPT', `key ${toHex(signer.key)} is registered by no provider on chain ${chainId}`, {
          data: { check: 'provider' },
        });
      }
      const { provider, evidenceId, modelRoot, price } = registration;
      // a registration that was renewed has other evidence: the receipt's is not known any more, which is not the same as false
      const isKnown = execution.evidenceId !== undefined && equal(execution.evidenceId, evidenceId);
      return {
        chainId,
        genesisHash,
        provider: { account: provider, signer: registration.signer },
        modelRoot,
        price,
        ...(isKnown ? { evidenceId } : {}),
      };
    },
    signal,
  );
  if (registration === undefined) throw new PerigeeError('INTERNAL', 'a receipt was judged without its registration');
  return { opened, report, registration };
}
