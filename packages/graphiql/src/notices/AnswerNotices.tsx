import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';
import { useAccounts, useDesk, usePage } from '../usePage.ts';
import { adviceFor } from './adviceFor.ts';
import { Notice } from './Notice.tsx';

/** Explains the errors of the answer, below it. */
export function AnswerNotices() {
  const { desk } = usePage();
  const { answer } = useDesk();
  const { current } = useAccounts();
  const { run } = useGraphiQLActions();
  const tabId = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.id);
  // The answer that another tab shows is another one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tab is what is watched
  useEffect(() => desk.keepAnswer(null), [desk, tabId]);
  // What helps one account does not help the next.
  const advice = answer?.accountId === current.id ? adviceFor(answer.errors) : [];
  return (
    <output className="notices" aria-label="What the errors mean">
      {advice.map((one) => (
        <Notice key={one.reason} advice={one} onHelped={() => void run()} />
      ))}
    </output>
  );
}
