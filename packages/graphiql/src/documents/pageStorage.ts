import { withoutSecrets } from './withoutSecrets.ts';

const prefix = 'graphiql:';
const tabsKey = `${prefix}tabState`;
// The tabs have these too, and there one can be judged by the other.
const inTabs: readonly string[] = ['query', 'variables', 'headers'].map((name) => prefix + name);

/** `localStorage`, as far as it is used. */
export interface KeyedStorage {
  readonly length: number;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  clear(): void;
}

interface Tab {
  query?: string | null;
  variables?: string | null;
  headers?: string | null;
}

/** Where GraphiQL keeps its tabs and the sizes of its panes over a reload: without secrets, answers and headers. */
export function pageStorage(storage: KeyedStorage) {
  return {
    get length() {
      return storage.length;
    },
    getItem(key: string) {
      // What the editors begin with is that of the tab that was open.
      if (key === `${prefix}query`) return openTab(storage)?.query ?? null;
      if (key === `${prefix}variables`) return openTab(storage)?.variables ?? null;
      return key === tabsKey && !openTab(storage) ? null : storage.getItem(key);
    },
    removeItem: (key: string) => storage.removeItem(key),
    clear: () => storage.clear(),
    setItem(key: string, value: string) {
      if (key === tabsKey) storage.setItem(key, cleanedTabs(value));
      else if (!inTabs.includes(key)) storage.setItem(key, value);
    },
  };
}

/** `localStorage`, or where the device allows none, nothing that outlives the page. */
export function storageOfDevice(): KeyedStorage {
  try {
    return localStorage;
  } catch {
    const entries = new Map<string, string>();
    return {
      get length() {
        return entries.size;
      },
      getItem: (key) => entries.get(key) ?? null,
      setItem: (key, value) => void entries.set(key, value),
      removeItem: (key) => void entries.delete(key),
      clear: () => entries.clear(),
    };
  }
}

function openTab(storage: KeyedStorage): Tab | undefined {
  const { tabs = [], activeTabIndex = 0 } = readTabs(storage.getItem(tabsKey) ?? '{}');
  return tabs[activeTabIndex];
}

function readTabs(value: string): { tabs?: Tab[]; activeTabIndex?: number } {
  try {
    return Object(JSON.parse(value));
  } catch {
    // Of another program on this origin, or cut off.
    return {};
  }
}

function cleanedTabs(value: string): string {
  const { tabs = [], ...state } = readTabs(value);
  return JSON.stringify({
    ...state,
    tabs: tabs.map((tab) => {
      const { query, variables } = withoutSecrets({
        query: tab.query ?? '',
        variables: tab.variables ?? '',
      });
      return { ...tab, query, variables, headers: null, hash: null, response: null };
    }),
  });
}
