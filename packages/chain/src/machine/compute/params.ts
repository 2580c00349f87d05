import { type ComputeParams, PerigeeError } from '@perigee/wire';

/** What messages of the compute layer need of the block they are in. */
export interface ComputeContext {
  readonly compute: ComputeParams | undefined;
  readonly height: number;
}

/** @throws TX_MESSAGE */
export function computeParams({ compute }: { readonly compute?: ComputeParams | undefined }): ComputeParams {
  if (compute === undefined) {
    throw new PerigeeError('TX_MESSAGE', 'this chain has no providers of compute: its genesis has no rules for them');
  }
  return compute;
}
