import { useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';
import type { Mark } from '../access/judge.ts';
import { useJudgement } from '../access/useJudgement.ts';

/** Marks the lines of the editor on which a field is refused, with the reason for who points at them. */
export function MarginMarks() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const judgement = useJudgement();
  // While one waits, the same marks are found again each second.
  const written = JSON.stringify(judgement && 'marks' in judgement ? judgement.marks : []);
  useEffect(() => {
    if (!queryEditor) return;
    queryEditor.updateOptions({ glyphMargin: true, lineDecorationsWidth: 6 });
    const byLine = Map.groupBy(JSON.parse(written) as Mark[], ({ line }) => line);
    const marks = queryEditor.createDecorationsCollection(
      [...byLine].map(([line, ofLine]) => {
        const hoverMessage = {
          value: [...new Set(ofLine.map(({ message }) => message))].join('\n\n'),
        };
        return {
          range: { startLineNumber: line, startColumn: 1, endLineNumber: line, endColumn: 1 },
          options: {
            isWholeLine: true,
            glyphMarginClassName: 'mark-refused',
            glyphMarginHoverMessage: hoverMessage,
            className: 'line-refused',
          },
        };
      }),
    );
    return () => marks.clear();
  }, [queryEditor, written]);
  return null;
}
