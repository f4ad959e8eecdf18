import { GraphiQL } from 'graphiql';
import { useMemo } from 'react';
import { takeSharedDocument } from './documents/documentLink.ts';
import { examples } from './documents/examples.ts';
import { pageStorage, storageOfDevice } from './documents/pageStorage.ts';
import { ShareButton } from './documents/ShareButton.tsx';
import { SharedLinks } from './documents/SharedLinks.tsx';
import { EditorLook } from './editor/EditorLook.tsx';
import { FirstStrokes } from './editor/FirstStrokes.tsx';
import { MarginMarks } from './editor/MarginMarks.tsx';
import { editorTheme } from './editor/themes.ts';
import { AnswerNotices } from './notices/AnswerNotices.tsx';
import { AccountBar } from './panels/AccountBar.tsx';
import { PasswordDialog } from './panels/PasswordDialog.tsx';
import { accessPlugin, sessionPlugin } from './panels/plugins.tsx';
import { RunKey } from './RunKey.tsx';
import { sendOperation } from './sendOperation.ts';
import { type Page, PageContext } from './usePage.ts';

const plugins = [sessionPlugin, accessPlugin];
const fallback = '# Write an operation here. Ctrl+Enter runs it.\n{\n  __typename\n}\n';

/** The whole page: GraphiQL, who it speaks for, and what they may reach. */
export function Explorer({ page }: { page: Page }) {
  const storage = useMemo(() => pageStorage(storageOfDevice()), []);
  const shared = useMemo(takeSharedDocument, []);
  const tabs = useMemo(() => (page.access ? examples(page.access) : []), [page]);
  const fetcher = useMemo(() => sendOperation(page), [page]);
  return (
    <PageContext.Provider value={page}>
      <GraphiQL
        fetcher={fetcher}
        schema={page.access?.schema ?? null}
        editorTheme={editorTheme}
        storage={storage}
        plugins={plugins}
        visiblePlugin={sessionPlugin}
        isHeadersEditorEnabled={false}
        showPersistHeadersSettings={false}
        defaultEditorToolsVisibility={false}
        defaultTabs={tabs.length > 0 ? tabs : [{ query: fallback }]}
        {...(shared && { initialQuery: shared.query, initialVariables: shared.variables })}
      >
        <GraphiQL.Logo>
          <span />
        </GraphiQL.Logo>
        <GraphiQL.Toolbar>
          {({ prettify, copy, merge }) => (
            <>
              {prettify}
              {merge}
              {copy}
              <ShareButton />
            </>
          )}
        </GraphiQL.Toolbar>
        <GraphiQL.Footer>
          <AnswerNotices />
        </GraphiQL.Footer>
        <AccountBar />
        <FirstStrokes />
        <MarginMarks />
        <EditorLook />
        <RunKey />
        <SharedLinks />
        <PasswordDialog />
      </GraphiQL>
    </PageContext.Provider>
  );
}
