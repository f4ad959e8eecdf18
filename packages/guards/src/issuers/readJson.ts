const maximumBytes = 512 * 1024;

/**
 * Reads a JSON document, and follows no redirect: the address that was trusted is the one that is asked.
 *
 * @throws when the answer is not 200, not JSON, or longer than 512 KiB
 */
export async function readJson(url: string, request: RequestInit): Promise<unknown> {
  const response = await fetch(url, { ...request, redirect: 'manual' });
  try {
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}.`);
    return parse(await readText(response, url), url);
  } catch (error) {
    // What is left of the answer would keep its connection.
    await response.body?.cancel().catch(() => {});
    throw error;
  }
}

async function readText({ body }: Response, url: string): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    bytes += part.value.byteLength;
    if (bytes > maximumBytes) {
      await reader?.cancel();
      throw new Error(`${url} answered more than ${maximumBytes} bytes.`);
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

function parse(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${url} answered what is no JSON.`);
  }
}
