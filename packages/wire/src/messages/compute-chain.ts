/** The compute layer on chain: providers and their evidence, prepaid balances, what the state holds of both (PROTOCOL §9). */
import {
  MAX_CAPS_PER_MESSAGE,
  MAX_CLAIMS_PER_SETTLEMENT,
  MAX_COMPUTE_WITHDRAWALS,
  MAX_ORDER_SESSIONS,
  MAX_PROVIDER_CAPS,
  MAX_PROVIDER_ENDPOINT_CHARACTERS,
  MAX_PROVIDER_ENDPOINTS,
  MAX_REGISTERED_COLLATERAL_BYTES,
  MAX_REGISTERED_EVIDENCE_BYTES,
  MAX_REGISTRATIONS_PER_PROVIDER,
  MAX_REPORT_OPENING_BYTES,
} from '../limits-compute-chain.ts';
import {
  bool,
  bytes,
  embedded,
  fixedBytes,
  type Infer,
  message,
  optional,
  repeated,
  string,
  uint32,
  uint53,
  uint128,
} from '../proto/index.ts';
import { FeeClaim, InferenceAnswer, InferencePrice, InferenceReceipt, InferenceRequest, SignerKey } from './inference.ts';

const keys = {
  /** Signs receipts. */
  signer: [1, embedded(SignerKey)],
  /** X25519: requests are sealed to it. */
  encryptionKey: [2, fixedBytes(32)],
  /** Storage root of the weights. */
  modelRoot: [3, fixedBytes(32)],
  price: [4, embedded(InferencePrice)],
  /** Multiaddrs and URLs at which the provider is reached. */
  endpoints: [5, repeated(string(MAX_PROVIDER_ENDPOINT_CHARACTERS), MAX_PROVIDER_ENDPOINTS)],
  /** Whether evidence and collateral are of hardware that there is not. */
  simulated: [6, bool()],
  /** Height of the block whose hash the evidence binds. */
  boundHeight: [7, uint53()],
} as const;

/** Registers keys and a model that evidence of trusted hardware binds, for the sender; with the same keys again it renews them. */
export const ComputeRegister = message('ComputeRegister', {
  ...keys,
  /** Added to what the provider has at stake, smallest units. */
  stake: [8, uint128()],
  /** Quote of Intel, or report of AMD with its table of certificates behind it. */
  evidence: [9, bytes(MAX_REGISTERED_EVIDENCE_BYTES)],
  /** File of collateral (`PGCO`) of the evidence's platform. */
  collateral: [10, bytes(MAX_REGISTERED_COLLATERAL_BYTES)],
  /** Signature of the signing key over what the evidence binds: nobody registers a key that is another's. */
  possession: [11, bytes(65)],
});
export type ComputeRegister = Infer<typeof ComputeRegister>;

/** Ends registrations of the sender, begins to take stake back, and takes what has come free. */
export const ComputeRetire = message('ComputeRetire', {
  signers: [1, repeated(embedded(SignerKey), MAX_REGISTRATIONS_PER_PROVIDER)],
  /** Smallest units that begin to unbond. */
  amount: [2, uint128()],
});
export type ComputeRetire = Infer<typeof ComputeRetire>;

const ProviderCap = message('ProviderCap', {
  provider: [1, fixedBytes(20)],
  /** What receipts of the provider may take from now on, smallest units; 0 ends it. What is lowered takes effect after `unlockBlocks`. */
  left: [2, uint128()],
});
export type ProviderCap = Infer<typeof ProviderCap>;

/** Prepays for compute, and says what each provider may take of it. */
export const ComputeDeposit = message('ComputeDeposit', {
  amount: [1, uint128()],
  /** Ascending by provider; each takes the place of an earlier one. */
  caps: [2, repeated(embedded(ProviderCap), MAX_CAPS_PER_MESSAGE)],
});
export type ComputeDeposit = Infer<typeof ComputeDeposit>;

/** Begins to take a prepaid amount back, and takes what has come free. Until then receipts may still take it. */
export const ComputeWithdraw = message('ComputeWithdraw', { amount: [1, uint128()] });
export type ComputeWithdraw = Infer<typeof ComputeWithdraw>;

/** An amount on its way back to its account. */
const ComputeRelease = message('ComputeRelease', { amount: [1, uint128()], height: [2, uint53()] });
export type ComputeRelease = Infer<typeof ComputeRelease>;

/** Takes what the sender has earned from those who prepaid. Claims of one order may come again with a higher sequence; what was paid before counts. */
export const ComputeSettle = message('ComputeSettle', {
  /** Registered key that signed all of the checkpoints. */
  signer: [1, embedded(SignerKey)],
  claims: [2, repeated(embedded(FeeClaim), MAX_CLAIMS_PER_SETTLEMENT)],
});
export type ComputeSettle = Infer<typeof ComputeSettle>;

/**
 * What an auditor says of an answer that it made again. Numbers are final; `withdrawn` takes a report back, and its deposit; `overcount` is of the right answer with
 * false tokens or a false end.
 */
export const AUDIT_VERDICT = { withdrawn: 0, agreement: 1, fraud: 2, overcount: 3 } as const;

/**
 * An auditor's word on a receipt. With `fraud` and `overcount` come the bytes that open the receipt's hashes, so that anybody can execute them again; or, where they
 * are longer than a report carries, the blob that they lie in.
 */
export const ComputeReport = message('ComputeReport', {
  receipt: [1, embedded(InferenceReceipt)],
  /** AUDIT_VERDICT. */
  verdict: [2, uint32(255)],
  /** Running hash of the answer that the auditor got. */
  ownHash: [3, fixedBytes(32)],
  request: [4, optional(embedded(InferenceRequest, MAX_REPORT_OPENING_BYTES))],
  answer: [5, optional(embedded(InferenceAnswer, MAX_REPORT_OPENING_BYTES))],
  /** Blob in the namespace of receipts for auditors that opens the receipt: in place of request and answer, or beside them. `00 ‖ commitment`. */
  blobId: [6, optional(fixedBytes(33))],
});
export type ComputeReport = Infer<typeof ComputeReport>;

/** What became of the claims of a message, in the data of the transaction's result. */
export const SettleOutcome = message('SettleOutcome', {
  /** Number of the message in the transaction. */
  message: [1, uint32()],
  /** For each claim 0, or why it was left out: a number of `RESULT_CODE`. */
  codes: [2, repeated(uint32(), MAX_CLAIMS_PER_SETTLEMENT)],
  /** Smallest units that came to the provider. */
  paid: [3, uint128()],
});
export type SettleOutcome = Infer<typeof SettleOutcome>;

/** Keys, model and terms of a provider, under `r/<u8 scheme><key>` of store `compute`. */
export const ProviderRegistration = message('ProviderRegistration', {
  ...keys,
  provider: [8, fixedBytes(20)],
  /** Hash of that block. */
  boundHash: [9, fixedBytes(32)],
  /** SHA-256 of the evidence, and of the file of collateral. */
  evidenceId: [10, fixedBytes(32)],
  collateralId: [11, fixedBytes(32)],
  /** What the collateral is about, such as `intel/tdx/b0c06f000000/platform`. */
  subject: [12, string(64)],
  /** Block of the registration, or of its last renewal. */
  registeredHeight: [13, uint53()],
  /** Seconds since 1970 until which the collateral holds: the registration is good as long as the time of a block is not later. */
  expiryTime: [14, uint53()],
  /** Its place in the list of all. */
  place: [15, uint32()],
});
export type ProviderRegistration = Infer<typeof ProviderRegistration>;

/** What shows later that a receipt's key was bound to hardware and model, where the chain has another registration of it by then. */
export const ReceiptGrounds = message('ReceiptGrounds', {
  /** RECEIPT_GROUNDS_VERSION. */
  version: [1, uint32()],
  /** What the evidence binds beside what the receipt names: an X25519 key, and a block. */
  encryptionKey: [2, fixedBytes(32)],
  boundHeight: [3, uint53()],
  boundHash: [4, fixedBytes(32)],
  /** What the collateral is about. */
  subject: [5, string(64)],
  simulated: [6, bool()],
  /** Seconds since 1970 until which the collateral holds. */
  expiryTime: [7, uint53()],
  evidence: [8, bytes(MAX_REGISTERED_EVIDENCE_BYTES)],
  collateral: [9, bytes(MAX_REGISTERED_COLLATERAL_BYTES)],
});
export type ReceiptGrounds = Infer<typeof ReceiptGrounds>;

/** What a key stood for whose registration was ended, under `t/<u8 scheme><key>` of store `compute`: it never stands for anything else. */
export const RetiredRegistration = message('RetiredRegistration', {
  provider: [1, fixedBytes(20)],
  encryptionKey: [2, fixedBytes(32)],
  modelRoot: [3, fixedBytes(32)],
  /** Block that ended it. */
  height: [4, uint53()],
});
export type RetiredRegistration = Infer<typeof RetiredRegistration>;

/** A provider, under `p/<account>` of store `compute`. */
export const ComputeProvider = message('ComputeProvider', {
  stake: [1, uint128()],
  /** In the order in which they come free. */
  unbonding: [2, repeated(embedded(ComputeRelease), MAX_COMPUTE_WITHDRAWALS)],
  /** Of its registrations, in the order of the first ones. */
  signers: [3, repeated(embedded(SignerKey), MAX_REGISTRATIONS_PER_PROVIDER)],
});
export type ComputeProvider = Infer<typeof ComputeProvider>;

/** Number of all registrations, under `list` of store `compute`; the `SignerKey` of each is under `l/<u32be place>`. */
export const RegistrationList = message('RegistrationList', { count: [1, uint32()] });
export type RegistrationList = Infer<typeof RegistrationList>;

/** What receipts of a provider may take of an account. */
const ProviderAllowance = message('ProviderAllowance', {
  provider: [1, fixedBytes(20)],
  left: [2, uint128()],
  /** What is left from a height on, where the account has lowered it: nothing is taken back that an order was accepted for. */
  lowered: [3, optional(embedded(message('LoweredCap', { left: [1, uint128()], height: [2, uint53()] })))],
});
export type ProviderAllowance = Infer<typeof ProviderAllowance>;

/** What orders that a session key signs may take of an account: they outlive the session's end. */
const SessionAllowance = message('SessionAllowance', {
  key: [1, fixedBytes(32)],
  left: [2, uint128()],
  /** Last height of a block that settles them. */
  expiryHeight: [3, uint53()],
  /** What holds from a height on, where the account has ended the session or granted less. */
  lowered: [
    4,
    optional(embedded(message('LoweredSession', { left: [1, uint128()], expiryHeight: [2, uint53()], height: [3, uint53()] }))),
  ],
});
export type SessionAllowance = Infer<typeof SessionAllowance>;

/** What an account has prepaid, under `d/<account>` of store `compute`. */
export const ComputeBalance = message('ComputeBalance', {
  available: [1, uint128()],
  /** In the order in which they come free. */
  unlocking: [2, repeated(embedded(ComputeRelease), MAX_COMPUTE_WITHDRAWALS)],
  /** Ascending by provider. */
  caps: [3, repeated(embedded(ProviderAllowance), MAX_PROVIDER_CAPS)],
  /** Ascending by key. */
  sessions: [4, repeated(embedded(SessionAllowance), MAX_ORDER_SESSIONS)],
});
export type ComputeBalance = Infer<typeof ComputeBalance>;

/** A block that evidence may bind, under `b/<u64be height>` of store `compute`. */
export const BlockReference = message('BlockReference', {
  hash: [1, fixedBytes(32)],
  /** Of the block, seconds since 1970. */
  time: [2, uint53()],
});
export type BlockReference = Infer<typeof BlockReference>;

/** An order that was paid for, under `n/<payer><provider><nonce>` of store `compute`, until the order has expired. */
export const SettledOrder = message('SettledOrder', {
  orderId: [1, fixedBytes(32)],
  provider: [2, fixedBytes(20)],
  /** Of the checkpoint that counted last. */
  sequence: [3, uint32()],
  /** Paid in all, smallest units. */
  fee: [4, uint128()],
});
export type SettledOrder = Infer<typeof SettledOrder>;

/** Lists of settled orders that end with a height, under `x/<u64be height>` of store `compute`; each list is under `x/<u64be height><u32be number>`. */
export const SettledLists = message('SettledLists', { count: [1, uint32()] });
export type SettledLists = Infer<typeof SettledLists>;

/** Payer, provider and nonce of each order of a settlement. */
export const SettledList = message('SettledList', { orders: [1, repeated(fixedBytes(56), MAX_CLAIMS_PER_SETTLEMENT)] });
export type SettledList = Infer<typeof SettledList>;

/** What an auditor said, under `f/<orderId><auditor>` of store `compute`. */
export const AuditRecord = message('AuditRecord', {
  /** AUDIT_VERDICT. */
  verdict: [1, uint32(255)],
  provider: [2, fixedBytes(20)],
  signer: [3, embedded(SignerKey)],
  modelRoot: [4, fixedBytes(32)],
  /** Of the receipt's checkpoint. */
  sequence: [5, uint32()],
  runningHash: [6, fixedBytes(32)],
  ownHash: [7, fixedBytes(32)],
  /** Block that holds the report, and with it the bytes that open the receipt. */
  height: [8, uint53()],
  deposit: [9, uint128()],
  /** Blob that opens the receipt, where the report names one: it is to be had until the blob expires. */
  blobId: [10, optional(fixedBytes(33))],
  /** It is in the sums of its key: reports of a chain's earlier program are not. */
  isCounted: [11, bool()],
  /** Its place in the list of what was said against its key, of `fraud` and `overcount`. */
  place: [12, optional(uint32())],
});
export type AuditRecord = Infer<typeof AuditRecord>;

/** Reports of one verdict, and by how many accounts. */
const ReportCount = message('ReportCount', { reports: [1, uint32()], accounts: [2, uint32()] });
export type ReportCount = Infer<typeof ReportCount>;

/** What auditors have said of the receipts of a key and not taken back, under `v/<u8 scheme><key>` of store `compute`. */
export const ReportSums = message('ReportSums', {
  agreement: [1, embedded(ReportCount)],
  fraud: [2, embedded(ReportCount)],
  overcount: [3, embedded(ReportCount)],
});
export type ReportSums = Infer<typeof ReportSums>;

/** How often one account has said each of a key, under `u/<u8 scheme><key><account>` of store `compute`. */
export const AuditorSums = message('AuditorSums', {
  agreement: [1, uint32()],
  fraud: [2, uint32()],
  overcount: [3, uint32()],
});
export type AuditorSums = Infer<typeof AuditorSums>;

/** Whose word on which order is at a place of the list of what was said against a key, under `w/<u8 scheme><key><u32be place>` of store `compute`. */
export const ReportPlace = message('ReportPlace', { orderId: [1, fixedBytes(32)], auditor: [2, fixedBytes(20)] });
export type ReportPlace = Infer<typeof ReportPlace>;
