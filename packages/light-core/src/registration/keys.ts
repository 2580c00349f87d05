/** Keys of store `compute`. A key is final once a chain uses it. */
import { concat, type SignerKey, u8, u32be, u64be, utf8 } from '@perigee/wire';

/** Canonical `ProviderRegistration`. A key of one scheme never begins as one of another: the number of its scheme stands before it. */
export function registrationKey({ scheme, key }: SignerKey): Uint8Array {
  return concat(utf8('r/'), u8(scheme), key);
}

/** Canonical `RetiredRegistration` of a key that was registered once. */
export function retiredRegistrationKey({ scheme, key }: SignerKey): Uint8Array {
  return concat(utf8('t/'), u8(scheme), key);
}

/** Canonical `ComputeProvider` of an account. */
export function computeProviderKey(address: Uint8Array): Uint8Array {
  return concat(utf8('p/'), address);
}

/** Canonical `RegistrationList`: how many registrations there are. */
export const REGISTRATION_LIST_KEY = /* @__PURE__ */ utf8('list');

/** Canonical `SignerKey` of a registration. @param place 0 up to the number of all, less one; whenever one ends, the last takes its place */
export function registrationPlaceKey(place: number): Uint8Array {
  return concat(utf8('l/'), u32be(place));
}

/** Canonical `ComputeBalance` of an account. */
export function computeBalanceKey(address: Uint8Array): Uint8Array {
  return concat(utf8('d/'), address);
}

/** Canonical `BlockReference`, for MAX_BOUND_BLOCK_AGE blocks. */
export function blockReferenceKey(height: number): Uint8Array {
  return concat(utf8('b/'), u64be(height));
}

/** Canonical `SettledOrder`, until the order's last block. A provider sees its own orders only, so what another was given takes no nonce from it. @param nonce 16 bytes */
export function settledOrderKey(payer: Uint8Array, provider: Uint8Array, nonce: Uint8Array): Uint8Array {
  return concat(utf8('n/'), payer, provider, nonce);
}

/** Canonical `SettledLists` of the orders that end with a height. */
export function settledListsKey(height: number): Uint8Array {
  return concat(utf8('x/'), u64be(height));
}

/** Canonical `SettledList`. */
export function settledListKey(height: number, number: number): Uint8Array {
  return concat(settledListsKey(height), u32be(number));
}

/** Canonical `AuditRecord`. */
export function auditKey(orderId: Uint8Array, auditor: Uint8Array): Uint8Array {
  return concat(utf8('f/'), orderId, auditor);
}

/** Canonical `ReportSums` of a key that signs receipts. */
export function reportSumsKey({ scheme, key }: SignerKey): Uint8Array {
  return concat(utf8('v/'), u8(scheme), key);
}

/** Canonical `AuditorSums` of an account and a key. */
export function auditorSumsKey({ scheme, key }: SignerKey, auditor: Uint8Array): Uint8Array {
  return concat(utf8('u/'), u8(scheme), key, auditor);
}

/** Canonical `ReportPlace`. @param place 0 up to the number of all frauds and overcounts of the key, less one; whenever one is taken back, the last takes its place */
export function reportPlaceKey({ scheme, key }: SignerKey, place: number): Uint8Array {
  return concat(utf8('w/'), u8(scheme), key, u32be(place));
}
