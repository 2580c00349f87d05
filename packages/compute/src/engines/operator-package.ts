import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PerigeeError } from '@perigee/wire';

/** Where packages are that an operator installed: a folder with `node_modules`, or the program's own. */
export type PackageFolder = string | undefined;

/** What requires a package that runs models, and finds where it is. */
export function requireFrom(folder: PackageFolder): NodeJS.Require {
  return createRequire(folder === undefined ? import.meta.url : join(folder, 'of-perigee.js'));
}

/** @throws NOT_FOUND with what to do */
export function resolveIn(folder: PackageFolder, name: string, version: string): string {
  try {
    return requireFrom(folder).resolve(name);
  } catch (cause) {
    const where = folder === undefined ? 'beside the program' : `in ${folder}`;
    throw new PerigeeError(
      'NOT_FOUND',
      `${name} is not installed ${where}: in a folder of its own say "npm install ${name}@${version}", and name that folder by --engine-packages`,
      { cause },
    );
  }
}
