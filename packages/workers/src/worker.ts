/** What a pool hears from a worker. */
export interface WorkerEvents {
  message(value: unknown): void;
  /** The worker died, did not load, threw outside a job, or sent what cannot be read. The first call ends the worker; later ones are ignored. */
  failed(error: Error): void;
}

/** A worker as a pool sees it: `webWorker` and `nodeWorker` make one. */
export interface WorkerLike {
  /** @throws DataCloneError when `message` cannot be cloned */
  post(message: unknown, transfer: readonly Transferable[]): void;
  /** Called once, before anything is posted. */
  listen(events: WorkerEvents): void;
  /** Ends the worker at once, whatever it is doing. */
  terminate(): Promise<void>;
}
