/** What of libp2p's `Datastore` Kademlia calls. It keeps nothing: strangers could fill it with records that nobody signed and nobody asked for. */
export const noDatastore = {
  async put(key: unknown): Promise<unknown> {
    return key;
  },
  async get(key: unknown): Promise<never> {
    throw Object.assign(new Error(`nothing is kept under ${key}`), { name: 'NotFoundError' });
  },
  async has(): Promise<boolean> {
    return false;
  },
  async delete(): Promise<void> {},
  async *query(): AsyncGenerator<never, void, undefined> {},
  async *queryKeys(): AsyncGenerator<never, void, undefined> {},
};
