import { gql } from '@apollo/client';
import { useMutation, useQuery } from '@apollo/client/react';
import { useState } from 'react';
import { session } from './session.ts';

const DEVICES = gql`query Devices { sessions { id device userAgent lastUsedAt current } }`;
const END_SESSION = gql`mutation EndSession($id: ID!) { endSession(id: $id) }`;

interface Device {
  id: string;
  device: string | null;
  userAgent: string | null;
  lastUsedAt: string;
  current: boolean;
}

const time = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** Where this user is signed in, and how to end it there. */
export function Devices() {
  const { data, error } = useQuery<{ sessions: Device[] | null }>(DEVICES, {
    fetchPolicy: 'cache-and-network',
  });
  const [endSession] = useMutation(END_SESSION, { refetchQueries: [DEVICES] });
  const [problem, setProblem] = useState<string | null>(null);
  const tell = (failure: unknown) => setProblem((failure as Error).message);

  return (
    <section aria-labelledby="devices">
      <h2 id="devices">Your devices</h2>
      {error && <p role="alert">{error.message}</p>}
      <ul>
        {data?.sessions?.map(({ id, device, userAgent, lastUsedAt, current }) => (
          <li key={id}>
            <span>
              {device ?? browserIn(userAgent)}
              <small>
                {current ? 'This device' : `Last used ${time.format(new Date(lastUsedAt))}`}
              </small>
            </span>
            {!current && (
              <button
                type="button"
                className="quiet"
                onClick={() => endSession({ variables: { id } }).catch(tell)}
              >
                End
              </button>
            )}
          </li>
        ))}
      </ul>
      {problem && <p role="alert">{problem}</p>}
      <button
        type="button"
        className="quiet"
        onClick={() => session.signOutEverywhere().catch(tell)}
      >
        Sign out everywhere
      </button>
    </section>
  );
}

function browserIn(userAgent: string | null): string {
  const [name] = /Firefox|Edg|Chrome|Safari/.exec(userAgent ?? '') ?? [];
  return name?.replace('Edg', 'Edge') ?? 'A program';
}
