/** What a guest must have measured. Bytes are hexadecimal. */
export interface EventPolicy {
  /** SHA-256 of applications that are accepted; by default any whose images are pinned. */
  readonly composeHashes?: readonly string[];
  /** Payloads that are accepted, by name of the event: `os-image-hash`, `app-id`, `key-provider`. Each must be there once. */
  readonly events?: { readonly [name: string]: readonly string[] };
  /** Names of events that may follow `system-ready` besides `model-root`; none by default. */
  readonly allowedAfterReady?: readonly string[];
  /** The model that must be served, 32 bytes. */
  readonly modelRoot?: string;
  /** Variables that the operator may set; none by default. */
  readonly allowedEnvs?: readonly string[];
  /** SHA-256 of scripts that may run beside the containers, of their UTF-8 bytes; none by default. */
  readonly scripts?: readonly string[];
  /** Paths in containers that no file of the host may show at, above or below, such as the model's. */
  readonly guardedPaths?: readonly string[];
}
