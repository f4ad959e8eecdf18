import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';
import { takeSharedDocument } from './documentLink.ts';

/** Opens a shared document in a tab of its own when its link is followed while the page is open. */
export function SharedLinks() {
  const { queryEditor, variableEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));
  const { addTab } = useGraphiQLActions();
  useEffect(() => {
    const open = () => {
      const shared = takeSharedDocument();
      if (!shared) return;
      addTab();
      queryEditor?.setValue(shared.query);
      variableEditor?.setValue(shared.variables);
    };
    addEventListener('hashchange', open);
    return () => removeEventListener('hashchange', open);
  }, [addTab, queryEditor, variableEditor]);
  return null;
}
