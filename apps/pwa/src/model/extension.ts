import type { ErrorObject } from '@perigee/wire';

/** The extension of Perigee, in so far as it matters to this page. */
export interface ExtensionView {
  /** It has not said yet whether this page may show its node: a person may be looking at the question. */
  readonly isAsked: boolean;
  /** What this page shows is the extension's node. */
  readonly isUsed: boolean;
  /** Why it is not, where a person wanted it. */
  readonly problem: ErrorObject | undefined;
}
