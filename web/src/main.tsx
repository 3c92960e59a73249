import { render } from 'preact';
import { ParleyClient, WebTokenStore, webDeviceToken, webDrafts, webLedgerStore, webTab } from '../../src/client/index.js';
import { App } from './app.js';
import './style/base.css';
import './style/columns.css';
import './style/messages.css';
import './style/panels.css';
import './style/invites.css';
import './style/people.css';

const tokensKey = 'parley.tokens';
const client = new ParleyClient({
  urls: [''],
  store: new WebTokenStore(localStorage, tokensKey),
  device: webDeviceToken(localStorage),
  ledgers: webLedgerStore,
  drafts: webDrafts(localStorage),
  tabs: webTab,
});

addEventListener('offline', () => client.connection.networkLost());
addEventListener('online', () => client.connection.networkBack());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') client.connection.networkBack();
  // A phone may end a page that it does not show without another word.
  else client.flush();
});
addEventListener('pagehide', () => client.flush());

// Another tab signed out, or in as somebody else: what is shown here is not this session's any more.
const startedAs = client.memberId;
let shownAs = startedAs;
client.session.onEnded(() => {
  shownAs = null;
});
addEventListener('storage', (event) => {
  if (event.key !== tokensKey && event.key !== null) return;
  if (client.memberId !== shownAs) location.reload();
});

const root = document.getElementById('app');
if (root) render(<App client={client} onSignedIn={(id) => (shownAs = id)} />, root);
