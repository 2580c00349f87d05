// @ts-check
import { fileURLToPath } from 'node:url';

/** The folder of this clone, with a closing slash. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @param {string} path below the clone */
export const at = (path) => `${ROOT}${path}`;
