/** What a transfer must not forget, however its program ends. Names are lower-case letters, digits and dashes. */
export interface TransferJournal {
  /** @returns `undefined` when there is nothing of this name */
  read(name: string): Promise<Uint8Array | undefined>;
  /** When this resolves, the bytes are on the device, whole, in place of those before. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** Runs `act` while no other program, or tab, does so under this name. */
  locked<T>(name: string, signal: AbortSignal, act: () => Promise<T>): Promise<T>;
}
