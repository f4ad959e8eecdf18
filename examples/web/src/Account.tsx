import { gql } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { session } from './session.ts';

const ME = gql`query Me { me { username } }`;

/** Who is signed in, and the way out. */
export function Account() {
  const { data } = useQuery<{ me: { username: string } | null }>(ME);
  return (
    <p className="account">
      <span>{data?.me?.username}</span>
      {/* Here nobody is signed in any more, even when the server cannot be told. */}
      <button type="button" className="quiet" onClick={() => session.signOut().catch(() => {})}>
        Sign out
      </button>
    </p>
  );
}
