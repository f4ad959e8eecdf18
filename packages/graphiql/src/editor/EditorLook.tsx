import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';

const fontFamily =
  "ui-monospace, 'SF Mono', 'Cascadia Code', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/**
 * Gives the editors the font that the device has, because GraphiQL's own would be half a megabyte more to load, and the
 * colours of the device, also when those change.
 */
export function EditorLook() {
  const { queryEditor, variableEditor, responseEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    responseEditor: state.responseEditor,
  }));
  useEffect(() => {
    queryEditor?.updateOptions({
      fontFamily,
      fontSize: 14,
      wordWrap: 'on',
      ariaLabel: 'Operation',
    });
    variableEditor?.updateOptions({ fontFamily, fontSize: 14, ariaLabel: 'Variables' });
    responseEditor?.updateOptions({ fontFamily, fontSize: 14, ariaLabel: 'Response' });
  }, [queryEditor, variableEditor, responseEditor]);
  const { setTheme } = useGraphiQLActions();
  const theme = useGraphiQL((state) => state.theme);
  useEffect(() => {
    const darkness = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setTheme(theme);
    darkness.addEventListener('change', follow);
    return () => darkness.removeEventListener('change', follow);
  }, [setTheme, theme]);
  return null;
}
