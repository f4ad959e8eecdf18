/** The names of the built files, which the build puts here. */
declare const workerNames: Readonly<Record<string, string>>;

Object.assign(globalThis, {
  MonacoEnvironment: {
    getWorker(_id: string, label: string): Worker {
      const name = workerNames[label] ?? workerNames['editor'] ?? '';
      return new Worker(new URL(name, import.meta.url), { type: 'module', name: label });
    },
  },
});
