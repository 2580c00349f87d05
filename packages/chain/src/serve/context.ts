/** What a handler needs to know of a request besides its body; `RequestContext` of `@perigee/net` has it. */
export interface ServeContext {
  /** Fires when the peer no longer wants the answer. */
  readonly signal: AbortSignal;
}
