import './style.css';
import { createRoot } from 'react-dom/client';
import { type AccessDocument, openAccess } from './access/openAccess.ts';
import { createAccounts } from './accounts/accounts.ts';
import { createDesk } from './desk.ts';
import './editor/workers.ts';
import { Explorer } from './Explorer.tsx';

// The address of the page, without what a proxy put before it, is that of the API: /graphql, or /graphiql beside it.
const url = new URL('graphql', document.baseURI).href.split('#')[0] ?? '';

async function readAccess() {
  const response = await fetch(new URL('graphql/access.json', document.baseURI));
  const access = response.ok ? ((await response.json()) as AccessDocument | null) : null;
  return access && openAccess(access);
}

const desk = createDesk();
const accounts = createAccounts({ url, askPassword: desk.askPassword });
const root = document.getElementById('page');
if (!root) throw new TypeError('The page has no place for the explorer.');
// Without its schema the API can be asked all the same.
const access = await readAccess().catch(() => null);
createRoot(root).render(<Explorer page={{ accounts, desk, access }} />);
