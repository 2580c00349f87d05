/**
 * Whether a SharedArrayBuffer can be passed to a job here: Node always, a browser only in a cross-origin isolated page.
 * An optimisation only: everything works by transfer as well.
 */
export function canShareMemory(): boolean {
  return (
    typeof SharedArrayBuffer === 'function' && (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false
  );
}
