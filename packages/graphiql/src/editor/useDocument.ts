import { useGraphiQL } from '@graphiql/react';
import { useEffect, useState } from 'react';

/** What stands in the editor, as one types. */
export function useDocument(): { source: string; operationName: string | null } {
  const { queryEditor, operationName } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    operationName: state.operationName,
  }));
  const [source, setSource] = useState('');
  useEffect(() => {
    if (!queryEditor) return;
    setSource(queryEditor.getValue());
    const { dispose } = queryEditor.onDidChangeModelContent(() =>
      setSource(queryEditor.getValue()),
    );
    return dispose;
  }, [queryEditor]);
  return { source, operationName: operationName ?? null };
}
