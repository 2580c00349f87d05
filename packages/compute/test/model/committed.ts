/** The committed file of weights, in Node and in a browser. */
export async function committedWeights(): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL('../../models/perigee-1.weights', import.meta.url);
  if (url.protocol !== 'file:') return new Uint8Array(await (await fetch(url)).arrayBuffer());
  const { readFile } = await import('node:fs/promises');
  return new Uint8Array(await readFile(url));
}
