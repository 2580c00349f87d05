// @ts-check
/** All that a page needs: find the provider, ask it, and take its refusals for what they are. */

/**
 * @typedef {object} Provider
 * @property {(request: { method: string, params?: unknown }) => Promise<any>} request
 * @property {(event: 'message' | 'connect' | 'disconnect', listener: (event: any) => void) => void} on
 * @property {() => boolean} isConnected
 */

const RDNS = 'org.perigee';
const CODES = new Map([
  [4001, 'You said no.'],
  [4100, 'This site may not ask; the popup of the extension changes that.'],
  [4200, 'The provider cannot do that.'],
  [4900, 'The light node cannot verify anything just now.'],
]);

const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const say = (/** @type {string} */ id, /** @type {string} */ text) => {
  at(id).textContent = text;
};

/** @type {Provider | undefined} */
let provider;

window.addEventListener('eip6963:announceProvider', (event) => {
  const { info, provider: announced } = /** @type {CustomEvent} */ (event).detail;
  if (info.rdns !== RDNS || provider !== undefined) return;
  provider = announced;
  say('provider', `Found ${info.name}.`);
  at('connect').removeAttribute('disabled');
  announced.on('connect', (/** @type {{ chainId: string }} */ { chainId }) => say('connection', `It follows ${chainId}.`));
  announced.on('disconnect', (/** @type {Error} */ { message }) => say('connection', `It follows no chain: ${message}.`));
});
window.dispatchEvent(new Event('eip6963:requestProvider'));

/** @param {string} method @param {unknown} [params] */
async function ask(method, params) {
  if (provider === undefined) throw new Error('there is no provider: install the extension');
  return provider.request({ method, ...(params === undefined ? {} : { params: [params] }) });
}

/** @param {any} error */
function inWords(error) {
  const known = CODES.get(error.code);
  return `${known === undefined ? '' : `${known} `}${error.message} (${error.code ?? 'no code'})`;
}

/** @param {{ height: number, headerHash: string, freshness?: string }} head */
function showHead({ height, headerHash, freshness }) {
  say('head', `${height}, ${headerHash.slice(0, 16)}…${freshness === undefined ? '' : `, ${freshness}`}`);
}

at('connect').addEventListener('click', async () => {
  try {
    await ask('perigee_requestAccess');
    showHead(await ask('perigee_head'));
    const subscription = await ask('perigee_subscribe', { kind: 'heads' });
    provider?.on('message', ({ type, data }) => {
      if (type === 'eth_subscription' && data.subscription === subscription) showHead(data.result);
    });
  } catch (error) {
    say('head', inWords(error));
  }
});

at('ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  say('answer', 'Sampling…');
  try {
    const { state, verified, drawn, head } = await ask('perigee_daStatus', { blobId: blobId() });
    say('answer', `${state}: ${verified} of ${drawn} rows verified, under block ${head?.height ?? '–'}`);
  } catch (error) {
    say('answer', inWords(error));
  }
});

at('get').addEventListener('click', async () => {
  say('answer', 'Fetching…');
  try {
    const { length, sha256 } = await ask('perigee_getBlob', { blobId: blobId() });
    say('answer', `${length} bytes, every one verified; SHA-256 ${sha256}`);
  } catch (error) {
    say('answer', inWords(error));
  }
});

function blobId() {
  return /** @type {HTMLInputElement} */ (at('blob')).value.trim();
}
