import { useGraphiQL } from '@graphiql/react';
import { Kind, type OperationDefinitionNode, parse } from 'graphql';
import { useEffect, useState } from 'react';

/** What stands in the editor, as one types, and the operation that Ctrl+Enter runs: the one in which the cursor is. */
export function useDocument(): { source: string; operationName: string | null } {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const [written, setWritten] = useState<{ source: string; operationName: string | null }>({
    source: '',
    operationName: null,
  });
  useEffect(() => {
    if (!queryEditor) return;
    const look = () => {
      const source = queryEditor.getValue();
      const position = queryEditor.getPosition();
      const offset = (position && queryEditor.getModel()?.getOffsetAt(position)) ?? 0;
      const operationName = operationAt(source, offset);
      setWritten((before) =>
        before.source === source && before.operationName === operationName
          ? before
          : { source, operationName },
      );
    };
    look();
    const watches = [
      queryEditor.onDidChangeModelContent(look),
      queryEditor.onDidChangeCursorPosition(look),
    ];
    return () => {
      for (const watch of watches) watch.dispose();
    };
  }, [queryEditor]);
  return written;
}

// The names of the document that was read last: the cursor moves more often than the text changes.
let last: { source: string; operations: readonly OperationDefinitionNode[] } | null = null;

function operationAt(source: string, offset: number): string | null {
  if (last?.source !== source) last = { source, operations: operationsIn(source) };
  const found = last.operations.find(({ loc }) => loc && loc.start <= offset && offset <= loc.end);
  return found?.name?.value ?? null;
}

function operationsIn(source: string): OperationDefinitionNode[] {
  try {
    return parse(source).definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  } catch {
    return [];
  }
}
