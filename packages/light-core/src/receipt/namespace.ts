import { utf8 } from '@perigee/wire';

/** Namespace of the blobs by which payers lay out receipts for auditors: each is one file with a receipt (`PGRC`) that opens its request and its answer. */
export const AUDIT_NAMESPACE = /* @__PURE__ */ utf8('perigee/receipts/v0');
