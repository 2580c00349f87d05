/** One at a time over all tabs: they share an account, whose transactions are numbered, and a device, whose memory is not endless. */
export const PUBLISH_LOCK = 'perigee/publish';
