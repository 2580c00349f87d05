export { CollateralClient, type CollateralClientOptions } from './collateral-client.ts';
