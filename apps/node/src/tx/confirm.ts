import { createInterface } from 'node:readline/promises';
import { PerigeeError } from '@perigee/wire';

/**
 * Has a person say yes.
 *
 * @throws INVALID_ARGUMENT where nobody can be asked; ABORTED when the answer is no
 */
export async function confirm(question: string, signal: AbortSignal): Promise<void> {
  const { stdin: input, stderr: output } = process;
  if (!input.isTTY || !output.isTTY) {
    throw new PerigeeError('INVALID_ARGUMENT', 'there is no terminal to ask on: read what it says, and add --yes');
  }
  const lines = createInterface({ input, output });
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal });
    if (!/^y(es)?$/i.test(answer.trim())) throw new PerigeeError('REFUSED', 'not sent: the answer was no');
  } catch (error) {
    throw signal.aborted ? new PerigeeError('ABORTED', 'stopped', { cause: error }) : error;
  } finally {
    lines.close();
  }
}
