export { CollateralFolder, type CollateralFolderOptions, type KeptCollateral } from './collateral-folder.ts';
export { type ServedCollateral, serveCollateral } from './collateral-service.ts';
export { readBoundedFile, writeWhole } from './folder-files.ts';
export { askVendor } from './vendors/ask-vendor.ts';
export { importCollateral } from './vendors/import-collateral.ts';
export type { VendorFetch } from './vendors/vendor-get.ts';
