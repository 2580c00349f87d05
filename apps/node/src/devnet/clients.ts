/** Who of those that are connected to a devnet's nodes is no part of it: pages, light nodes, commands. */
export class Clients {
  readonly #inbound = new Map<number, readonly string[]>();
  /** Peer ids of the devnet itself. */
  readonly #own = new Set<string>();
  readonly #listeners = new Set<() => void>();

  get present(): boolean {
    return [...this.#inbound.values()].some((peerIds) => peerIds.some((peerId) => !this.#own.has(peerId)));
  }

  addOwn(peerId: string): void {
    this.#own.add(peerId);
  }

  /** Takes the peer ids that have dialled a node. */
  note(node: number, peerIds: readonly string[]): void {
    this.#inbound.set(node, peerIds);
    for (const listener of [...this.#listeners]) listener();
  }

  /** Resolves when a client is there, or the signal fires. */
  async arrived(signal: AbortSignal): Promise<void> {
    if (this.present || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.present && !signal.aborted) return;
        this.#listeners.delete(look);
        signal.removeEventListener('abort', look);
        resolve();
      };
      this.#listeners.add(look);
      signal.addEventListener('abort', look);
    });
  }
}
