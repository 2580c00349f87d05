/** Nobody listens at its other end. */
let nowhere: MessagePort | undefined;

/**
 * Gives back the memory of a buffer at once instead of when it is collected, by moving it to where nobody is. Whoever handles many large buffers frees them:
 * engines count those that are not collected yet, and past 64 MiB go through the whole heap again and again.
 *
 * @param buffer it is detached: views on it are empty from now on
 */
export function free(buffer: ArrayBuffer): void {
  if (buffer.byteLength === 0) return; // it has moved elsewhere
  if (nowhere === undefined) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    nowhere = port1;
  }
  nowhere.postMessage(undefined, [buffer]);
}
