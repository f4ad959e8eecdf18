import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Writes bytes to a server and returns all that comes back until the connection ends. */
export async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  // The server may hang up on what it has not read to the end.
  socket.on('error', () => {});
  socket.write(bytes, 'latin1');
  await Promise.race([once(socket, 'close'), wait(5_000)]);
  socket.destroy();
  return answer;
}
