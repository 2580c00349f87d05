/** Receipts that somebody hands over, held against what the chain proves of their provider. */
import { ChainView } from '@perigee/light-core/da';
import type { ReceiptReport } from '@perigee/light-core/receipt';
import { computeBalanceKey } from '@perigee/light-core/registration';
import type { VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import {
  AUTH_SCHEME,
  ComputeBalance,
  ed25519Address,
  equal,
  MAX_RECEIPT_BYTES,
  type OpenedReceipt,
  type PaymentOrder,
  PerigeeError,
  type ProviderRegistration,
  toHex,
} from '@perigee/wire';
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
    async ({ receipt: { signer, execution, order } }) => {
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
      // a registration that was renewed has other evidence, and perhaps another price: the receipt's are not known any more, which is not the same as false
      const isKnown = execution.evidenceId !== undefined && equal(execution.evidenceId, evidenceId);
      const sessionKey = await grantedKey(order, state, signal);
      return {
        chainId,
        genesisHash,
        provider: { account: provider, signer: registration.signer },
        modelRoot,
        ...(isKnown ? { evidenceId, price } : {}),
        ...(sessionKey && { sessionKey }),
      };
    },
    signal,
  );
  if (registration === undefined) throw new PerigeeError('INTERNAL', 'a receipt was judged without its registration');
  return { opened, report, registration };
}

/** The session key that signed an order, if the payer has granted it orders, as the chain has it now. @throws UNPROVEN, PROOF, ABORTED */
async function grantedKey(
  { body, auth }: PaymentOrder,
  state: VerifiedState,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const key = auth?.publicKey;
  if (auth?.scheme !== AUTH_SCHEME.ed25519 || key?.length !== 32 || equal(ed25519Address(key), body.payer)) return undefined;
  const raw = await state.get(STORE.compute, computeBalanceKey(body.payer), { signal });
  const { sessions } = raw === undefined ? { sessions: [] } : ComputeBalance.decodeCanonical(raw);
  return sessions.find((session) => equal(session.key, key))?.key;
}
