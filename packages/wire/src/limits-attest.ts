/** Evidence of trusted hardware: made, handed on, read (PROTOCOL §9). */
const KIB = 1024;
const MIB = 1024 * KIB;

// ── Producing evidence (PROTOCOL §9) ───────────────────────────────────────────────────────────────────────────────
/** A report of the platform itself and what comes beside it, bytes: what a kernel, or who plays one, may hand out. */
export const MAX_REPORT_BYTES = 64 * KIB;
/** Such as a provider's name or a counter, bytes. */
export const MAX_REPORT_ATTRIBUTE_BYTES = 256;
/** Reports asked for until one is undisturbed: whoever else writes must not keep us at it. */
export const REPORT_ATTEMPTS = 4;
/** Time before it is asked for again, milliseconds; twice as long each time. */
export const REPORT_RETRY_MS = 50;
/** A report that has not come in this time does not come, milliseconds: the quoting service of a host may hang. */
export const REPORT_TIMEOUT_MS = 30_000;
/** An answer of a guest's agent, bytes: a quote and the event log in hexadecimal. */
export const MAX_AGENT_ANSWER_BYTES = 4 * MIB;
/** An agent that has not answered in this time is not waited for, milliseconds. */
export const AGENT_TIMEOUT_MS = 30_000;
/** Name of an event that is measured into a register, characters: for those who measure it, and those who verify. */
export const MAX_EVENT_NAME_CHARACTERS = 64;

// ── Collateral that peers hand on (PROTOCOL §9) ────────────────────────────────────────────────────────────────────
/** What vendors say of one kind of platform, all parts together, bytes: Intel's have 20 KiB. */
export const MAX_COLLATERAL_BUNDLE_BYTES = 512 * KIB;
/** Parts of a bundle, and characters of what it is about. */
export const MAX_COLLATERAL_PARTS = 16;
export const MAX_COLLATERAL_SUBJECT_CHARACTERS = 64;
/** Bundles that a node, or a device, keeps: whoever asks for ever new kinds of platform must not fill it. The ones used longest ago go first. */
export const MAX_KEPT_COLLATERAL = 64;
/** Rollback floors that are kept; only authentic collateral makes one, so vendors alone could make more. */
export const MAX_KEPT_FLOORS = 4_096;
/** Floors that a genesis may name, and characters of a name: they lie in one value of the state that every light node reads. */
export const MAX_CHAIN_FLOORS = 256;
export const MAX_FLOOR_NAME_CHARACTERS = 96;
/** Peers that are asked for one bundle: one that withholds the newest is outdone by any that does not. */
export const COLLATERAL_PEERS = 3;
/** Requests for collateral that one peer may send in the long run, a second, and at once. */
export const MAX_COLLATERAL_REQUESTS_PER_SECOND = 2;
export const MAX_COLLATERAL_REQUEST_BURST = 16;
/** How long a change of the floors on disk waits for those of other processes, and looks again, milliseconds: one takes some. */
export const COLLATERAL_LOCK_TIMEOUT_MS = 10_000;
export const COLLATERAL_LOCK_POLL_MS = 10;
/** A vendor's service that has not answered in this time is not waited for, milliseconds. */
export const VENDOR_TIMEOUT_MS = 30_000;

// ── Evidence of trusted hardware (PROTOCOL §9) ─────────────────────────────────────────────────────────────────────
/** A quote, report or document, bytes: real ones have 5 to 20 KiB, and one of a megabyte must not be looked through. */
export const MAX_ATTESTATION_BYTES = 64 * KIB;
/**
 * A file that a person hands over to be checked, with collateral and event log in it, bytes: longer ones would hold up a page that reads them. A quote
 * of Intel with all of its collateral has 29 KB in base64, and a GPU's evidence with both files of reference values 71 KB.
 */
export const MAX_ATTESTATION_FILE_BYTES = 1024 * KIB;
/** A file of collateral (TCB information, identities, golden values), bytes. */
export const MAX_COLLATERAL_BYTES = 256 * KIB;
/** A revocation list, bytes, and the certificates that it names: bounds a set in memory. Intel's for PCK certificates had 2,663 bytes, and 30 to 40 an entry. */
export const MAX_CRL_BYTES = 128 * KIB;
export const MAX_REVOKED_CERTIFICATES = 4_096;
/** A certificate, bytes; those in one chain. A chain without end costs a signature check each. */
export const MAX_CERTIFICATE_BYTES = 4 * KIB;
export const MAX_CHAIN_CERTIFICATES = 6;
/** Extensions of a certificate or revocation list. */
export const MAX_CERTIFICATE_EXTENSIONS = 32;
/** Nesting of DER: deeper is only meant to exhaust a stack. */
export const MAX_DER_DEPTH = 16;
/** Elements of one DER document: the longest revocation list above has eight for each entry. */
export const MAX_DER_ELEMENTS = 32_768;
/**
 * Nesting of JSON that comes with evidence, the names in one object, and the strings, numbers, brackets and separators in all: ever new names cost a
 * parser 2 us each. A guest's log has 22 tokens an event, Intel's TCB information some 1,200, and 9,000 if all its levels had all their components.
 */
export const MAX_ATTESTATION_JSON_DEPTH = 12;
export const MAX_ATTESTATION_JSON_NAMES = 64;
export const MAX_ATTESTATION_JSON_TOKENS = 32_768;
/** Signatures that the verification of one piece of evidence checks: honest ones need 12 at most, and a minted one must not keep a worker busy. */
export const MAX_ATTESTATION_SIGNATURES = 24;
/** Imported keys that a WebCrypto verifier keeps: evidence with ever new keys must not grow the cache. */
export const MAX_CACHED_ATTESTATION_KEYS = 64;
/** An RSA modulus, bytes (AMD's roots have 4096 bits): a longer one makes each check slower. */
export const MAX_RSA_BYTES = 512;
/** Entries of the table of certificates behind an AMD report: hosts put five there at most. */
export const MAX_CERTIFICATE_TABLE_ENTRIES = 16;
/** Measurements, and fields of opaque data, that a GPU tells: an H100 has 64 and 14. */
export const MAX_GPU_MEASUREMENTS = 255;
export const MAX_GPU_OPAQUE_FIELDS = 64;
/** A file of reference values, bytes: NVIDIA's have 20.5 KB. */
export const MAX_RIM_BYTES = 128 * KIB;
/** Nesting, elements, and attributes of one, of XML with reference values: honest files have 6, some 100 and 14. */
export const MAX_XML_DEPTH = 12;
export const MAX_XML_ELEMENTS = 1_024;
export const MAX_XML_ATTRIBUTES = 64;
/** Attributes, and declarations of namespaces, of a whole document: what is in scope is looked through for each element. */
export const MAX_XML_ALL_ATTRIBUTES = 4_096;
export const MAX_XML_NAMESPACES = 32;
/** Values that are right for one measurement of a GPU. */
export const MAX_RIM_ALTERNATIVES = 32;
/** Files of reference values that are looked at: one of the driver and one of the VBIOS. */
export const MAX_RIMS = 2;
/** Nesting, and items, of a Nitro document's CBOR: honest ones have 3 and about 60. */
export const MAX_CBOR_DEPTH = 4;
export const MAX_CBOR_ITEMS = 256;
/** A guest's event log, bytes; its events, each a hash to replay; the payload of one, bytes. Honest ones have some 60 events in 32 KiB. */
export const MAX_EVENT_LOG_BYTES = 256 * KIB;
export const MAX_LOGGED_EVENTS = 256;
export const MAX_EVENT_PAYLOAD_BYTES = 16 * KIB;
/** What a guest is told to run, bytes. */
export const MAX_APP_COMPOSE_BYTES = 256 * KIB;
/** Lines, values (a line may have many), and nesting, of a composition of containers, and the services that it may have: honest ones have some 100 lines. */
export const MAX_YAML_LINES = 2_048;
export const MAX_YAML_VALUES = 4_096;
export const MAX_YAML_DEPTH = 16;
export const MAX_COMPOSED_SERVICES = 64;
