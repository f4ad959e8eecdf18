import { useMemo } from 'react';
import { useDocument } from '../editor/useDocument.ts';
import { useAccounts, useNow, usePage, useSessionState } from '../usePage.ts';
import { callerOf } from './callerOf.ts';
import { type Judgement, judge } from './judge.ts';

/** What becomes of the operation in the editor, for the account that is chosen; null without a schema. */
export function useJudgement(): Judgement | null {
  const { access } = usePage();
  const { current } = useAccounts();
  const { source, operationName } = useDocument();
  useSessionState(current);
  // Judged anew when the answer may change: each second that brings the token nearer to its end does not.
  const caller = JSON.stringify(callerOf(current, useNow()));
  return useMemo(
    () => access && judge(access, { source, operationName }, JSON.parse(caller)),
    [access, source, operationName, caller],
  );
}
