/** Bounds of inference and its receipts (docs/compute.md). */
const KIB = 1024;
const MIB = 1024 * KIB;

/** Of requests, orders, executions, checkpoints and receipts. */
export const INFERENCE_VERSION = 1;
/** First bytes of a file that holds a receipt. */
export const INFERENCE_RECEIPT_MAGIC = /* @__PURE__ */ Uint8Array.of(0x50, 0x47, 0x52, 0x43); // PGRC

// ── Requests ───────────────────────────────────────────────────────────────────────────────────────────────────────
/** Messages of a conversation, and texts to embed, in one request: bounds what an engine must look at before it knows what it costs. */
export const MAX_CHAT_MESSAGES = 256;
export const MAX_EMBEDDING_INPUTS = 256;
/** Text of one message or input, and all text of a request, bytes of UTF-8: bounds the memory of a request that waits. */
export const MAX_PROMPT_PART_BYTES = 128 * KIB;
export const MAX_PROMPT_BYTES = 256 * KIB;
export const MAX_ROLE_BYTES = 32;
/** Texts at which an answer ends, and bytes of each: each is looked for at every chunk. */
export const MAX_STOP_TEXTS = 4;
export const MAX_STOP_BYTES = 64;
/** Tokens that may be asked for, and those of a request that names no number. */
export const MAX_ANSWER_TOKENS = 8_192;
export const DEFAULT_ANSWER_TOKENS = 256;
/** Temperature and the like are whole millionths, so that their bytes are the same everywhere. */
export const MILLIONTHS = 1_000_000;
export const MAX_TEMPERATURE_MILLIONTHS = 2 * MILLIONTHS;
/** Random bytes before a request, so that whoever knows only its hash cannot guess the prompt. */
export const REQUEST_SALT_BYTES = 32;
/** A salted request as bytes, at most: text, and what stands around each part. */
export const MAX_INFERENCE_REQUEST_BYTES = MAX_PROMPT_BYTES + 64 * KIB;
export const ORDER_NONCE_BYTES = 16;
/** Name of a model, and of an engine, bytes. */
export const MAX_MODEL_ID_BYTES = 128;
export const MAX_ENGINE_BYTES = 64;
/** Models that one provider serves: bounds a list of a stranger. */
export const MAX_MODELS = 32;
/** Numbers of one embedding. */
export const MAX_EMBEDDING_DIMENSIONS = 8_192;

// ── Answers ────────────────────────────────────────────────────────────────────────────────────────────────────────
/** One piece of an answer, bytes. An embedding is one piece. */
export const MAX_CHUNK_BYTES = 32 * KIB;
/** A whole answer, bytes, and its pieces: what a client keeps until the last checkpoint, and a receipt that opens its answer. */
export const MAX_ANSWER_BYTES = 4 * MIB;
export const MAX_ANSWER_CHUNKS = 65_536;
/** A provider signs after so many pieces, or this time after the first unsigned one, milliseconds: text that nobody vouches for stays short. */
export const CHECKPOINT_CHUNKS = 32;
export const CHECKPOINT_MS = 1_000;
/** A client that holds so many pieces which no checkpoint covers gives up: the provider does not sign. */
export const MAX_UNSIGNED_CHUNKS = 4 * CHECKPOINT_CHUNKS;
/** Tokens that a model may count beside those that a client can count: of its template, a message, and of an answer's ends. */
export const MAX_TEMPLATE_TOKENS = 16;
/** A file with a receipt, bytes, its request and answer opened. */
export const MAX_RECEIPT_BYTES = MAX_ANSWER_BYTES + 2 * MIB;

/** An envelope with a request, bytes: the prompt as JSON and then base64; most prompts of MAX_PROMPT_BYTES have half of it. What is escaped to more is refused. */
export const MAX_SEALED_REQUEST_BYTES = MIB;
/** An envelope with one frame of an answer, bytes: a piece of MAX_CHUNK_BYTES in base64 twice, and what stands around it. */
export const MAX_SEALED_FRAME_BYTES = 64 * KIB;
/** Values of JSON in a sealed answer: an embedding has a number and a comma for each four bytes. */
export const MAX_SEALED_ANSWER_TOKENS = MAX_ANSWER_BYTES / 2;

// ── Providers ──────────────────────────────────────────────────────────────────────────────────────────────────────
/** Answers that wait for a model, all, and those of one payer or caller: each holds its prompt in memory. */
export const MAX_QUEUED_ANSWERS = 256;
export const MAX_QUEUED_ANSWERS_PER_OWNER = 16;
/** An answer that does not begin within this time is refused, milliseconds. */
export const INFERENCE_QUEUE_MS = 60_000;
/** Every so many turns of a model go to who has waited longest, whatever others pay. */
export const FAIR_TURN = 4;
/** Longest time that a model works on one answer, milliseconds. */
export const INFERENCE_MS = 300_000;
/** Longest time in which an answer that is made is read to its end, milliseconds: one who takes a little now and then would hold it for ever. */
export const ANSWER_READ_MS = 300_000;
/** What a frame may take on its way beside what a provider may take for it, milliseconds. */
const FRAME_WAY_MS = 10_000;
/**
 * Longest silence of a provider, milliseconds, before an answer begins and between two frames of it: exactly what it may take. Who asks waits so long, so that no honest
 * answer is given up, and no longer, so that a silent provider holds nobody.
 */
export const OPENING_SILENCE_MS = INFERENCE_QUEUE_MS + FRAME_WAY_MS;
export const ANSWER_SILENCE_MS = INFERENCE_MS + FRAME_WAY_MS;
/** Longest time from a question to the last frame of its answer, milliseconds: one who sends a frame now and then would hold who asks for ever. */
export const MAX_ANSWER_MS = INFERENCE_QUEUE_MS + INFERENCE_MS + ANSWER_READ_MS + FRAME_WAY_MS;
/** Answers that are made or wait for their readers, all, and those of one caller: each holds up to MAX_ANSWER_BYTES. */
export const MAX_OPEN_ANSWERS = 320;
export const MAX_OPEN_ANSWERS_PER_CALLER = 32;
/** Of those, answers for which nobody pays: they leave room for who does. */
export const MAX_OPEN_UNPAID_ANSWERS = 80;
/** Furthest last block of an order where the chain's time of unlocking is not known, blocks from now: what can be settled later a payer can take back first. */
export const MAX_ORDER_BLOCKS = 600;
/** Blocks that a provider wants left to settle in when it begins. */
export const MIN_SETTLE_BLOCKS = 60;
/** An order whose last block is so near is settled, however few wait, and answered no further: blocks. */
export const SETTLE_BEFORE_BLOCKS = MIN_SETTLE_BLOCKS / 2;
/** A body of JSON with a request, bytes: text may be escaped, six characters for one. */
export const MAX_INFERENCE_BODY_BYTES = 8 * MAX_PROMPT_BYTES;
/** Of one peer, on the protocol of inference. */
export const MAX_INFERENCE_REQUESTS_PER_SECOND = 20;
export const MAX_INFERENCE_REQUEST_BURST = 40;
/** The same for evidence of registrations, up to 96 KiB an answer. */
export const MAX_PROVIDER_EVIDENCE_REQUESTS_PER_SECOND = 2;
export const MAX_PROVIDER_EVIDENCE_REQUEST_BURST = 8;
/** Answers that a client checks at the same time: of each the checks and a hash are kept. */
export const MAX_OPEN_CHECKS = 64;
/** Registrations that a client reads of the list of all: each takes four proofs. */
export const MAX_LISTED_REGISTRATIONS = 64;
/** A worker of the int8 engine that has had nothing to do for so long gives its memory back, milliseconds. */
export const ENGINE_IDLE_MS = 60_000;
/** Bytes of an ONNX model, and of the tokenizer beside it: both are in memory whole, once here and once in WebAssembly's 4 GiB. */
export const MAX_ONNX_BYTES = 512 * MIB;
export const MAX_TOKENIZER_BYTES = 64 * MIB;
/** Tokens of one text to embed with an ONNX model, and its UTF-16 units: attention takes the square of the one, some tokenizers that of the other. */
export const MAX_ONNX_TOKENS = 512;
export const MAX_ONNX_UNITS = 8_192;
/** Bytes of a GGUF file. */
export const MAX_GGUF_BYTES = 64 * 1024 * MIB;
/** Tokens of prompt and answer together that a GGUF model is given memory for, at most. */
export const MAX_GGUF_CONTEXT = 8_192;

// ── Re-execution ───────────────────────────────────────────────────────────────────────────────────────────────────
/** Longest time that an auditor spends on one answer, milliseconds: twice what its provider had, since a page is slower. */
export const REEXECUTION_MS = 600_000;

// ── Receipts that are laid out for auditors ────────────────────────────────────────────────────────────────────────
/** Blobs that an auditor has drawn and not looked at yet; of more, any goes: who floods crowds out nobody in particular. */
export const MAX_WAITING_AUDITS = 256;
/** Blobs that an auditor fetches in a day, UTC, and bytes of them, rows and paths: what strangers lay out must not take a line or a day. */
export const MAX_AUDIT_BLOBS_PER_DAY = 4_096;
export const MAX_AUDIT_BYTES_PER_DAY = 256 * MIB;
/** Agreements that an auditor reports in a day: each costs a fee and binds a deposit, and who asks itself could have any number made. */
export const MAX_AGREEMENTS_PER_DAY = 256;
/** How often an auditor begins with a blob in all, where its program ended meanwhile: one that ends it would end it at every start. */
export const MAX_AUDIT_BEGINNINGS = 3;
/** Reports whose deposits an auditor is to take back itself: each keeps its receipt on the device until then, and no agreement is reported beyond. */
export const MAX_HELD_DEPOSITS = 512;
/** Longest time that one blob is fetched, milliseconds. */
export const AUDIT_FETCH_MS = 60_000;
/** Orders that an auditor remembers to have executed; those that it reported the chain remembers. */
export const MAX_KNOWN_AUDITS = 1_024;
/** Reports against a key that a client reads: each takes two proofs, and a blob where it is looked into. */
export const MAX_LISTED_REPORTS = 64;
