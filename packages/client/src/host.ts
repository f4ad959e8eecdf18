/** What only some runtimes have. */
interface Host {
  readonly document?: unknown;
  readonly importScripts?: unknown;
  readonly navigator?: { readonly product?: string; readonly locks?: Locks };
  readonly location?: { readonly href: string };
  readonly localStorage?: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
  };
  addEventListener?(type: 'storage', listener: () => void): void;
}

/** `navigator.locks`, as far as it is used. */
export interface Locks {
  request<Result>(
    name: string,
    options: { signal: AbortSignal },
    work: () => Promise<Result>,
  ): Promise<Result>;
}

export const host = globalThis as unknown as Host;

/** Whether this program runs for one person: a page, a worker of a browser, an app of React Native. */
export function isOnePersonsDevice(): boolean {
  return Boolean(host.document ?? host.importScripts) || host.navigator?.product === 'ReactNative';
}
