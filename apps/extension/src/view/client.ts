/** How the extension's own pages reach the light node. */
import { PerigeeError } from '@perigee/wire';
import { type Command, type CommandMessage, type CommandReply, FOR_NODE, FOR_ROUTER } from '../messages.ts';
import { failed } from '../strings.ts';

/** Who was just woken may need a moment more. */
const ATTEMPTS = 3;
/** A document that was lost is looked for again after this, milliseconds. */
const RECONNECT_MS = 500;

async function wake(): Promise<void> {
  await chrome.runtime.sendMessage({ to: FOR_ROUTER, wake: true }).catch(() => {});
}

/** @throws Error with words for people */
export async function ask(command: Command): Promise<unknown> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const reply = (await chrome.runtime.sendMessage({ to: FOR_NODE, command } satisfies CommandMessage).catch(() => undefined)) as
      | CommandReply
      | undefined;
    if (reply !== undefined && 'error' in reply) throw new Error(reply.error.message);
    if (reply !== undefined) return reply.done;
    await wake();
  }
  throw new PerigeeError('UNREACHABLE', failed);
}

/** Listens to the light node as long as this page is open, also when it is made anew. @param listener may answer */
export function listen<Message>(name: string, listener: (message: Message, answer: (answer: unknown) => void) => void): void {
  void wake().then(() => {
    const port = chrome.runtime.connect({ name });
    port.onMessage.addListener((message) => listener(message as Message, (answer) => port.postMessage(answer)));
    port.onDisconnect.addListener(() => setTimeout(() => listen(name, listener), RECONNECT_MS));
  });
}
