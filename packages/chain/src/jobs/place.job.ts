import { type MessagePort, workerData } from 'node:worker_threads';
import { helpPlacing } from '../state/place-helper.ts';

const port = workerData as MessagePort;
port.on('message', (help: Parameters<typeof helpPlacing>[0]) => {
  helpPlacing(help, (helped) =>
    port.postMessage(helped, [...new Set(helped.pages.map(({ value }) => value?.buffer as ArrayBuffer))]),
  );
});
