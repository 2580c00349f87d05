/** Receipts that somebody hands over, held against what the chain proves of their provider. */
import { ChainView } from '@perigee/light-core/da';
import type { ReceiptReport } from '@perigee/light-core/receipt';
import { computeBalanceKey, type GroundsToVerify, isFaultOfBytes, readGrounds } from '@perigee/light-core/registration';
import type { VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import {
  AUTH_SCHEME,
  ComputeBalance,
  ed25519Address,
  equal,
  InferencePrice,
  MAX_RECEIPT_BYTES,
  type OpenedReceipt,
  type PaymentOrder,
  PerigeeError,
  type ProviderRegistration,
  toHex,
} from '@perigee/wire';
import type { Attestor } from '../attest/index.ts';
import type { AnswerChecker } from './answers/index.ts';
import { findProvider } from './providers.ts';

export interface ReceiptFinding {
  readonly opened: OpenedReceipt;
  readonly report: ReceiptReport;
  /** Of the key that signed it, as the chain has it now. */
  readonly registration: ProviderRegistration;
  /** Whether the evidence behind it is of hardware that there is not: that of the registration, or where it has another by now that of the file. */
  readonly simulated: boolean;
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
    attestor,
    signal,
  }: {
    readonly state: VerifiedState;
    readonly checker: Pick<AnswerChecker, 'judge'>;
    /** Verifies evidence that is in the file, where the registration has another by now; without it that is not checked. */
    readonly attestor?: Pick<Attestor, 'verifyBound'> | undefined;
    readonly signal: AbortSignal;
  },
): Promise<ReceiptFinding> {
  if (file.length > MAX_RECEIPT_BYTES) {
    throw new PerigeeError('PARSE', `a receipt has at most ${MAX_RECEIPT_BYTES} bytes, and this has ${file.length}`);
  }
  let registration: ProviderRegistration | undefined;
  let simulated: boolean | undefined;
  const { opened, report } = await checker.judge(
    file,
    async ({ receipt, grounds }) => {
      const { signer, execution, order } = receipt;
      const view = new ChainView(state);
      const { genesisHash, appState } = await view.facts(signal);
      const { chainId, timeMs } = view.head();
      registration = (await findProvider(signer, { state, signal }))?.registration;
      if (registration === undefined) {
        throw new PerigeeError('RECEIPT', `key ${toHex(signer.key)} is registered by no provider on chain ${chainId}`, {
          data: { check: 'provider' },
        });
      }
      const { provider, evidenceId, modelRoot, price } = registration;
      const isCurrent = execution.evidenceId !== undefined && equal(execution.evidenceId, evidenceId);
      // a registration that was renewed has other evidence; where the file does not bring the receipt's it is not known any more, which is not the same as false
      let isKnown = isCurrent;
      if (!isCurrent && grounds !== undefined && attestor !== undefined) {
        const brought = readGrounds(grounds, receipt, { genesisHash, timeMs });
        simulated = brought.simulated;
        isKnown = await isVerified(brought, attestor, { ...appState, nowMs: timeMs }, signal);
      }
      const sessionKey = await grantedKey(order, state, signal);
      return {
        chainId,
        genesisHash,
        provider: { account: provider, signer: registration.signer },
        modelRoot,
        // a renewed registration may have another price than the one of then, which is not known any more
        ...(isCurrent || isSamePrice(price, execution.price) ? { price } : {}),
        ...(isKnown && execution.evidenceId !== undefined ? { evidenceId: execution.evidenceId } : {}),
        ...(sessionKey && { sessionKey }),
      };
    },
    signal,
  );
  if (registration === undefined) throw new PerigeeError('INTERNAL', 'a receipt was judged without its registration');
  return { opened, report, registration, simulated: simulated ?? registration.simulated };
}

function isSamePrice(a: InferencePrice, b: InferencePrice): boolean {
  return equal(InferencePrice.encode(a), InferencePrice.encode(b));
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

/**
 * Whether evidence of a registration that was renewed since holds: as of the last moment at which its own collateral did, and as of now where newer is known.
 *
 * @returns false when its collateral is older than what was seen since, so that nobody can say any more
 * @throws RECEIPT (`evidence`) when it does not hold; ABORTED, INTERNAL, STORE_CORRUPT
 */
async function isVerified(
  input: GroundsToVerify,
  attestor: Pick<Attestor, 'verifyBound'>,
  { development, nowMs }: { readonly development: boolean; readonly nowMs: number },
  signal: AbortSignal,
): Promise<boolean> {
  const refuse = (why: string, cause?: unknown): PerigeeError =>
    new PerigeeError('RECEIPT', `the evidence in the file does not bear out the receipt: ${why}`, {
      data: { check: 'evidence' },
      ...(cause === undefined ? {} : { cause }),
    });
  try {
    const { overall, checks } = await attestor.verifyBound({ ...input, development, nowMs }, { signal });
    if (overall === 'pass') return true;
    const failed = checks.find(({ required, verdict }) => required && verdict !== 'pass');
    throw refuse(failed?.reason ?? 'it does not pass');
  } catch (thrown) {
    const error = PerigeeError.from(thrown);
    if (!isFaultOfBytes(error)) throw error; // a failure of this program, and none of the evidence
    if (error.data?.check === 'ROLLBACK') return false;
    throw refuse(error.message, error);
  }
}
