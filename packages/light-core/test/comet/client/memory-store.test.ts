import { memoryValues } from '../../../src/comet/client/index.ts';
import { headerStoreSuite } from './header-store-suite.ts';

headerStoreSuite(async () => {
  const values = memoryValues();
  return async () => values;
});
