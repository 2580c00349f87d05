/**
 * The host of an address at which the page can be opened on this machine. "All interfaces" is none: browsers hold only loopback for secure without https,
 * and the page checks nothing where they offer no cryptography.
 *
 * @param host IP address that the page is served on
 */
export function openableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
