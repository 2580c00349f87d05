/** libp2p 3 calls `Promise.withResolvers`, which Node 20 and browsers before 2024 lack. Imported first by every entry. */
interface Resolvers<T> {
  promise: Promise<T>;
  resolve: (value: T | PromiseLike<T>) => void;
  reject: (reason?: unknown) => void;
}

function withResolvers<T>(): Resolvers<T> {
  let settle: Omit<Resolvers<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as unknown as Omit<Resolvers<T>, 'promise'>) };
}

const builtin = Promise as unknown as { withResolvers?: typeof withResolvers };
builtin.withResolvers ??= withResolvers;
