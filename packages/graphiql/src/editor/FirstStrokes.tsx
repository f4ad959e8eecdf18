import { useGraphiQL } from '@graphiql/react';
import { useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';

/**
 * The document as plain text until the editor is there, which is more than half of what the page loads: one can type at
 * once, and the editor goes on where one was.
 */
export function FirstStrokes() {
  const { queryEditor, initial } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    initial: state.tabs[state.activeTabIndex]?.query ?? '',
  }));
  const [place, setPlace] = useState<Element | null>(null);
  const strokes = useRef<HTMLTextAreaElement>(null);
  useEffect(() => setPlace(document.querySelector('.graphiql-query-editor')), []);
  useEffect(() => {
    const { current: written } = strokes;
    if (!queryEditor || !written) return;
    if (written.value !== written.defaultValue) queryEditor.setValue(written.value);
    if (document.activeElement === written) {
      const position = queryEditor.getModel()?.getPositionAt(written.selectionEnd);
      if (position) queryEditor.setPosition(position);
      queryEditor.focus();
    }
    setPlace(null);
  }, [queryEditor]);
  if (!place) return null;
  const area = (
    <textarea
      ref={strokes}
      className="first-strokes"
      aria-label="Operation"
      defaultValue={initial}
      spellCheck={false}
      autoCapitalize="off"
    />
  );
  return createPortal(area, place);
}
