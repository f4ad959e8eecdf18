import { useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';

const fontFamily =
  "ui-monospace, 'SF Mono', 'Cascadia Code', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** Gives the editors the font that the device has: GraphiQL's own would be half a megabyte more to load. */
export function EditorFonts() {
  const { queryEditor, variableEditor, responseEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    responseEditor: state.responseEditor,
  }));
  useEffect(() => {
    queryEditor?.updateOptions({ fontFamily, fontSize: 14, ariaLabel: 'Operation' });
    variableEditor?.updateOptions({ fontFamily, fontSize: 14, ariaLabel: 'Variables' });
    responseEditor?.updateOptions({ fontFamily, fontSize: 14, ariaLabel: 'Response' });
  }, [queryEditor, variableEditor, responseEditor]);
  return null;
}
