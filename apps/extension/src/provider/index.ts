export { sampleBlob } from './blob-state.ts';
export { Connections } from './connections.ts';
export { Provider } from './provider.ts';
export { Subscriptions } from './subscriptions.ts';
