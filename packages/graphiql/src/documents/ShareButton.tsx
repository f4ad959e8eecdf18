import { ToolbarButton, useGraphiQL } from '@graphiql/react';
import { useState } from 'react';
import { linkTo } from './documentLink.ts';

/** Copies a link that opens the document of this tab. */
export function ShareButton() {
  const { queryEditor, variableEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));
  const [label, setLabel] = useState('Copy a link to this document');
  async function share(): Promise<void> {
    const query = queryEditor?.getValue() ?? '';
    const variables = variableEditor?.getValue() ?? '';
    try {
      await navigator.clipboard.writeText(linkTo({ query, variables }, document.baseURI));
      setLabel('The link is in the clipboard');
    } catch {
      // Without TLS there is no clipboard: the address bar has the link then.
      history.replaceState(null, '', linkTo({ query, variables }, document.baseURI));
      setLabel('The link is in the address bar');
    }
  }
  return (
    <ToolbarButton label={label} onClick={() => void share()}>
      <svg
        className="graphiql-toolbar-icon"
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinecap="round"
        aria-hidden="true"
      >
        <path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1.300 1.300" />
        <path d="M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1.300-1.300" />
      </svg>
    </ToolbarButton>
  );
}
