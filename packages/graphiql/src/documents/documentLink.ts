import { type WrittenDocument, withoutSecrets } from './withoutSecrets.ts';

/**
 * A link that opens a document. It stands behind the `#`, which no browser sends, so that it is in no log; and it has
 * no secrets.
 */
export function linkTo(document: WrittenDocument, pageUrl: string): string {
  const url = new URL(pageUrl);
  const { query, variables } = withoutSecrets(document);
  url.search = '';
  url.hash = new URLSearchParams({ query, ...(variables && { variables }) }).toString();
  return url.href;
}

/** The document of a link; null when it has none. */
export function documentOf(pageUrl: string): WrittenDocument | null {
  const parameters = new URLSearchParams(new URL(pageUrl).hash.slice(1));
  const query = parameters.get('query');
  return query === null ? null : { query, variables: parameters.get('variables') ?? '' };
}

/** The document of the link in the address bar, which is taken from there: a reload would open it twice. */
export function takeSharedDocument(): WrittenDocument | null {
  const shared = documentOf(document.URL);
  if (shared) history.replaceState(null, '', document.URL.split('#')[0]);
  return shared;
}
