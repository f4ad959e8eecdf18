import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A server that runs as `npm start` has started it. */
export interface StartedServer {
  readonly ask: (query: string, token?: string, language?: string) => Promise<StartedAnswer>;
  /** Ends it, and returns its exit code. */
  readonly stop: () => Promise<number | null>;
}

interface StartedAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the query's, and each test says what it expects of it.
  readonly data?: any;
  readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
}

/** Starts a program in a folder with nothing in its environment but what is given, and waits for its ready line. */
export async function startScaffolded(
  directory: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<StartedServer> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env: { PATH, HOME, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaints += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text;
      const [found] = /http:\S+\/graphql(?=\n)/.exec(printed) ?? [];
      if (found) resolve(found);
    });
    exited.then(() => reject(new Error(`The server ended: ${complaints}`)), reject);
  });
  return {
    async ask(query, token, language) {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token && { authorization: `Bearer ${token}` }),
          ...(language && { 'accept-language': language }),
        },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as StartedAnswer;
    },
    async stop() {
      child.kill('SIGTERM');
      const [exitCode] = await exited;
      return exitCode;
    },
  };
}
