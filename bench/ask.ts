export interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
}

/** Sends one operation and returns the text of the answer. Throws unless that is 200, and data without errors. */
export async function ask(url: string, operation: Operation): Promise<string> {
  const response = await fetch(url, { method: 'POST', ...toRequest(operation) });
  const text = await response.text();
  if (!response.ok || !isComplete(text)) {
    throw new Error(`${url} answered ${response.status} to ${operation.query}: ${text}`);
  }
  return text;
}

export function toRequest({ query, variables, token }: Operation) {
  return {
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  };
}

function isComplete(text: string): boolean {
  const { data, errors } = JSON.parse(text);
  return errors === undefined && data !== null && !Object.values(data).includes(null);
}
