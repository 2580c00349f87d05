import { MAX_TRUST_ROOT_CHARACTERS } from '@perigee/wire';

/** A server that fails, or stands before one that does, is as good as none. @throws for a status of 500 and more */
export function refuseFailedServer(response: Response): Response {
  if (response.status >= 500) throw new Error(`the server of this page answers with status ${response.status}`);
  return response;
}

/**
 * Whether an answer to the chain file is worth keeping for a start without a server: what a captive portal says must not take the place
 * of what was kept. The page reads it in full before it believes anything.
 */
export async function isKeptChainFile(response: Response): Promise<boolean> {
  if (response.status !== 200) return false;
  const text = await response.text();
  if (text.length > MAX_TRUST_ROOT_CHARACTERS) return false;
  try {
    const root: unknown = JSON.parse(text);
    return typeof root === 'object' && root !== null && 'genesisHash' in root && 'headerHash' in root;
  } catch {
    return false;
  }
}
