import type { Session } from './createSession.ts';

/** Calls a listener whenever another user is signed in, or none. The function that it returns ends that. */
export function onUserChange(session: Session, listener: () => void): () => void {
  let userId = userIdOf(session);
  return session.subscribe(() => {
    const before = userId;
    userId = userIdOf(session);
    if (userId !== before) listener();
  });
}

function userIdOf({ state }: Session): string | null {
  return state.status === 'signedIn' ? state.userId : null;
}
